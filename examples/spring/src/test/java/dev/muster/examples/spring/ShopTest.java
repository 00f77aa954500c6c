package dev.muster.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

@Timeout(120)
class ShopTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;

    private ConfigurableApplicationContext shop(String... arguments) {
        System.setProperty("shop.file", folder.resolve("shop.db").toString());
        return SpringApplication.run(Shop.class, arguments);
    }

    @Test
    void whatIsOrderedIsConfirmed() {
        try (var shop = shop("tea")) {
            var orders = shop.getBean(Orders.class);
            assertThat(orders.count()).isEqualTo(1);
            var second = orders.place("coffee");

            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(orders.state(second)).isEqualTo("confirmed");
                        assertThat(orders.state(1)).isEqualTo("confirmed");
                    });
        }
    }

    @Test
    void whatIsRolledBackIsNeitherOrderedNorConfirmed() {
        try (var shop = shop("--muster.worker.enabled=false")) {
            var orders = shop.getBean(Orders.class);
            var muster = shop.getBean(Muster.class);
            assertThat(muster.queueLength("celery")).isZero();
            assertThatThrownBy(() -> orders.place(" "))
                    .isInstanceOf(IllegalArgumentException.class);

            assertThat(orders.count()).isZero();
            assertThat(muster.queueLength("celery")).isZero();
            orders.place("tea");
            assertThat(muster.queueLength("celery")).isEqualTo(1);
        }
    }
}
