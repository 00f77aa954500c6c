package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    @TempDir private Path folder;

    @Test
    void fileThenEnvironmentThenPropertyThenCode() throws IOException {
        var file = folder.resolve("muster.yaml");
        Files.writeString(
                file,
                """
                broker_url: redis://file/0
                worker_concurrency: 2
                task_default_queue: file
                accept_content: [json, yaml]
                result_expires: 1h
                """);
        var properties = new Properties();
        properties.setProperty("muster.task_default_queue", "property");
        properties.setProperty("user.home", "/nowhere");

        var settings =
                Settings.load(
                                file,
                                Map.of(
                                        "MUSTER_WORKER_CONCURRENCY",
                                        "3",
                                        "MUSTER_TASK_DEFAULT_QUEUE",
                                        "env",
                                        "HOME",
                                        "/"),
                                properties)
                        .with("result_backend", "rpc://");

        assertThat(settings.get(Setting.BROKER_URL)).isEqualTo("redis://file/0");
        assertThat(settings.get(Setting.WORKER_CONCURRENCY)).isEqualTo(3);
        assertThat(settings.get(Setting.TASK_DEFAULT_QUEUE)).isEqualTo("property");
        assertThat(settings.get(Setting.ACCEPT_CONTENT)).isEqualTo(List.of("json", "yaml"));
        assertThat(settings.get(Setting.RESULT_EXPIRES)).contains(Duration.ofHours(1));
        assertThat(settings.get(Setting.RESULT_BACKEND)).contains("rpc://");
        assertThat(settings.get(Setting.WORKER_PREFETCH_MULTIPLIER)).isEqualTo(4);
    }

    @Test
    void aMistakeTellsWhereItWasMade() throws IOException {
        var file = folder.resolve("muster.yaml");
        Files.writeString(file, "worker_concurrency: many");

        assertThatThrownBy(() -> Settings.load(file, Map.of(), new Properties()))
                .hasMessageContaining("muster.yaml")
                .hasMessageContaining("worker_concurrency");
        assertThatThrownBy(() ->
                        Settings.load(
                                folder.resolve("none"),
                                Map.of("MUSTER_FOO", "1"),
                                new Properties()))
                .hasMessageContaining("MUSTER_FOO");
    }

    @Test
    void aMapMayStandInAVariable() {
        var settings =
                Settings.load(
                        folder.resolve("none.yaml"),
                        Map.of(
                                "MUSTER_TASK_QUEUES",
                                "{feeds: {exchange_type: topic, max_priority: 9}}"),
                        new Properties());

        assertThat(settings.get(Setting.TASK_QUEUES))
                .isEqualTo(Map.of("feeds", Map.of("exchange_type", "topic", "max_priority", 9)));
    }

    @Test
    void anUnknownNameSuggestsTheNearest() {
        assertThatThrownBy(() -> Settings.DEFAULT.with("broker_ulr", "x"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("'broker_ulr'")
                .hasMessageContaining("'broker_url'");
    }

    @ParameterizedTest
    @CsvSource({
        "worker_concurrency, many",
        "worker_concurrency, -1",
        "worker_concurrency, 99999999999",
        "task_acks_late, perhaps",
        "broker_connection_timeout, -1",
        "broker_connection_timeout, 5 weeks",
        "task_queues, celery"
    })
    void aValueOfTheWrongTypeIsRefusedByName(String name, String value) {
        assertThatThrownBy(() -> Settings.DEFAULT.with(name, value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(value);
    }

    @Test
    void aFileThatIsNoYamlIsNamed() throws IOException {
        var file = folder.resolve("muster.yaml");
        Files.writeString(file, "broker_url: [");

        assertThatThrownBy(() -> Settings.load(file, Map.of(), new Properties()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("muster.yaml");
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "none, ''", "3600, PT1H", "1.5, PT1.5S", "500ms, PT0.5S", "7d, PT168H"})
    void expiryIsSecondsOrHasAUnitOrIsNone(String value, String expected) {
        assertThat(Settings.DEFAULT.with("result_expires", value).get(Setting.RESULT_EXPIRES))
                .isEqualTo(
                        Optional.of(expected).filter(text -> !text.isEmpty()).map(Duration::parse));
    }
}
