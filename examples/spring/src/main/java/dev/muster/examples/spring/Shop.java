package dev.muster.examples.spring;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Takes the articles that it is given as orders, and works until it is stopped.
@SpringBootApplication
public class Shop {
    public static void main(String[] articles) {
        SpringApplication.run(Shop.class, articles);
    }

    @Bean
    ApplicationRunner customers(Orders orders, JdbcClient database) {
        return arguments -> {
            database.sql(
                            "create table if not exists orders (id integer primary key, article text, state text)")
                    .update();
            for (var article : arguments.getNonOptionArgs()) {
                orders.place(article);
            }
        };
    }
}
