package dev.muster.examples.spring;

import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Stores orders, and confirms them later.
@Service
public class Orders {
    private final JdbcClient database;
    private final DataSource source;
    private final Muster muster;

    Orders(JdbcClient database, DataSource source, Muster muster) {
        this.database = database;
        this.source = source;
        this.muster = muster;
    }

    /// Returns when the order is stored and its confirmation is in the queue: both, or neither.
    ///
    /// @throws IllegalArgumentException when there is no such article
    @Transactional
    public int place(String article) {
        var key = new GeneratedKeyHolder();
        database.sql("insert into orders (article, state) values (?, 'placed')")
                .param(article)
                .update(key);
        int order = Objects.requireNonNull(key.getKeyAs(Integer.class));
        muster.send(DataSourceUtils.getConnection(source), call(this::confirm, order));
        if (article.isBlank()) {
            throw new IllegalArgumentException("an order needs an article");
        }
        return order;
    }

    /// Whether there was something to confirm.
    @Task(name = "orders.confirm")
    @Transactional
    public boolean confirm(int order) {
        return database.sql("update orders set state = 'confirmed' where id = ?")
                        .param(order)
                        .update()
                == 1;
    }

    public String state(int order) {
        return database.sql("select state from orders where id = ?")
                .param(order)
                .query(String.class)
                .single();
    }

    public int count() {
        return database.sql("select count(*) from orders").query(Integer.class).single();
    }
}
