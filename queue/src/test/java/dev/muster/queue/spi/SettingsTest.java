package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("muster.yaml"), content);
    }

    private static Setting<?> setting(String name) {
        return Objects.requireNonNull(Setting.all().get(name), name);
    }

    private static Settings load(Path file) {
        return Settings.load(file, Map.of(), new Properties());
    }

    private Settings loadVariable(String name, String value) {
        return Settings.load(folder.resolve("none.yaml"), Map.of(name, value), new Properties());
    }

    private Settings loadProperty(String name, String value) {
        var properties = new Properties();
        properties.setProperty(name, value);
        return Settings.load(folder.resolve("none.yaml"), Map.of(), properties);
    }

    @Test
    void itIsKnownWhereAValueWasSaid() throws IOException {
        var file = file("task_default_queue: a\nworker_concurrency: 1\ntask_acks_late: on\n");
        var properties = new Properties();
        properties.setProperty("muster.task_acks_late", "true");

        var settings =
                Settings.load(file, Map.of("MUSTER_WORKER_CONCURRENCY", "2"), properties)
                        .with("timezone", "Europe/Paris")
                        .with("option -b", "broker_url", "memory:");

        assertThat(settings.source(Setting.TASK_DEFAULT_QUEUE)).isEqualTo(file.toString());
        assertThat(settings.source(Setting.WORKER_CONCURRENCY))
                .isEqualTo("environment variable MUSTER_WORKER_CONCURRENCY");
        assertThat(settings.source(Setting.TASK_ACKS_LATE))
                .isEqualTo("system property muster.task_acks_late");
        assertThat(settings.source(Setting.TIMEZONE)).isEqualTo("code");
        assertThat(settings.source(Setting.BROKER_URL)).isEqualTo("option -b");
        assertThat(settings.source(Setting.RESULT_EXPIRES)).isEqualTo("default");
    }

    @Test
    void anUnknownNameIsToldWithItsSourceAndTheNearestName() throws IOException {
        var file = file("broker_ulr: redis://h");

        assertThatThrownBy(() -> load(file))
                .hasMessageContainingAll(file.toString(), "'broker_ulr'", "'broker_url'");
        assertThatThrownBy(() -> loadVariable("MUSTER_BROKER_ULR", "memory:"))
                .hasMessageContainingAll("variable MUSTER_BROKER_ULR", "'broker_url'");
        assertThatThrownBy(() -> loadProperty("muster.broker_ulr", "memory:"))
                .hasMessageContainingAll("property muster.broker_ulr", "'broker_url'");
        assertThatThrownBy(() -> Settings.DEFAULT.with("option --set", "broker_ulr", "memory:"))
                .hasMessageContainingAll("option --set", "'broker_url'");
    }

    @Test
    void aNameThatIsLikeNoneIsNotTakenForAnother() {
        assertThatThrownBy(() -> loadVariable("MUSTER_HOME", "/opt/muster"))
                .hasMessageContaining("there is no setting 'home'; muster report --all")
                .hasMessageNotContaining("did you mean");
    }

    @ParameterizedTest
    @CsvSource({
        "BROKER_URL, broker_url",
        "CELERY_BROKER_URL, broker_url",
        "CELERY_TASK_SERIALIZER, task_serializer",
        "CELERY_RESULT_BACKEND, result_backend"
    })
    void aNameOfOldLeadsToTheNewOne(String old, String name) {
        assertThatThrownBy(() -> Settings.DEFAULT.with(old, "x"))
                .hasMessageContaining("did you mean '%s'?".formatted(name));
    }

    @Test
    void aBadValueIsToldWithItsSource() throws IOException {
        var file = file("worker_concurrency: many");

        assertThatThrownBy(() -> load(file))
                .hasMessageContainingAll(file.toString(), "worker_concurrency", "'many'");
        assertThatThrownBy(() -> loadVariable("MUSTER_WORKER_CONCURRENCY", "many"))
                .hasMessageContainingAll("variable MUSTER_WORKER_CONCURRENCY", "'many'");
        assertThatThrownBy(() -> loadProperty("muster.worker_concurrency", "many"))
                .hasMessageContainingAll("property muster.worker_concurrency", "'many'");
        assertThatThrownBy(() -> Settings.DEFAULT.with("option --set", "worker_concurrency", "x"))
                .hasMessageContainingAll("option --set", "worker_concurrency", "'x'");
    }

    static List<Arguments> brokenFiles() {
        return List.of(
                Arguments.of("- broker_url", "must hold 'name: value' lines"),
                Arguments.of("just words", "must hold 'name: value' lines"),
                Arguments.of(
                        "timezone: UTC\nworker_concurrency: 1\nworker_concurrency: 2\n",
                        "line 3, column 1: found duplicate key worker_concurrency"),
                Arguments.of("timezone: UTC\nbroker_url: [", "line 2"),
                Arguments.of("broker_url: memory:", "line 1, column 19: mapping values"),
                Arguments.of("timezone: a: b", "needs quotes"),
                Arguments.of("beat_schedule: " + "[".repeat(60) + "]".repeat(60), "50"),
                Arguments.of("beat_schedule: &all {again: *all}", "nested deeper than 50 levels"),
                Arguments.of("broker_url: !!java.net.URL [x]", "tag is not allowed"));
    }

    @ParameterizedTest
    @MethodSource("brokenFiles")
    void aFileThatMakesNoSenseIsRefusedByNameAndPlace(String content, String message)
            throws IOException {
        var file = file(content);

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll("muster.yaml", message);
    }

    @Test
    void aliasesThatMultiplyAreRefusedBeforeTheyFillTheMemory() throws IOException {
        var lines = new StringBuilder("beat_schedule:\n  x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
        for (var level = 1; level < 9; level++) {
            lines.append("  x%d: &x%d [".formatted(level, level));
            lines.append("*x%d, ".formatted(level - 1).repeat(5)).append("]\n");
        }
        var file = file(lines.toString());

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("more than 100000 values");
    }

    @Test
    void aFolderInPlaceOfTheFileIsRefused() throws IOException {
        var file = Files.createDirectory(folder.resolve("muster.yaml"));

        assertThatThrownBy(() -> load(file)).hasMessageContaining("muster.yaml is a folder");
    }

    @Test
    void aFileThatIsNotUtf8IsRefusedWithThePlace() throws IOException {
        var file = folder.resolve("muster.yaml");
        Files.write(file, new byte[] {'#', ' ', (byte) 0xe9, '\n'});

        assertThatThrownBy(() -> load(file))
                .hasMessageContainingAll("muster.yaml", "not UTF-8, at byte 2");
    }

    @Test
    void anEmptyFileAndALineWithoutValueSayNothing() throws IOException {
        assertThat(load(file("")).given()).isEmpty();
        assertThat(load(file("# nothing\n")).given()).isEmpty();
        assertThat(load(file("result_expires:\nbroker_url: ~\n")).given()).isEmpty();
    }

    @Test
    void aLineWithoutValueMustStillNameASetting() throws IOException {
        var file = file("broker_ulr:\n");

        assertThatThrownBy(() -> load(file)).hasMessageContaining("did you mean 'broker_url'?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MUSTER_SERVICE_HOST",
                "MUSTER_SERVICE_PORT",
                "MUSTER_SERVICE_PORT_AMQP",
                "MUSTER_PORT",
                "MUSTER_PORT_5672_TCP",
                "MUSTER_PORT_5672_TCP_ADDR",
                "MUSTER_REDIS_SERVICE_HOST",
                "MUSTER_REDIS_PORT_6379_TCP_PROTO",
                "MUSTER_JAVA_OPTS"
            })
    void whatKubernetesAndTheLauncherPutIntoTheEnvironmentIsNoSetting(String variable) {
        assertThat(loadVariable(variable, "tcp://10.0.0.1:5672").given()).isEmpty();
    }

    @Test
    void anEmptyVariableSaysNothing() {
        assertThat(loadVariable("MUSTER_TASK_TIME_LIMIT", "").given()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "task_time_limit",
                "task_queue_max_priority",
                "task_compression",
                "beat_cron_starting_deadline",
                "broker_connection_max_retries",
                "result_expires"
            })
    void noneTakesBackWhatWasSaidBefore(String name) {
        var settings = Settings.DEFAULT.with(name, "5").with(name, "none");

        assertThat(settings.get(setting(name))).isEqualTo(Optional.empty());
    }

    @Test
    void noneTakesBackAMap() {
        var settings = Settings.DEFAULT.with("task_queues", "{a: {}}").with("task_queues", "none");

        assertThat(settings.get(Setting.TASK_QUEUES)).isEmpty();
    }

    @Test
    void whatOnlyTunesTheInsideOfCeleryIsLeftOutWithAWarning() throws IOException {
        var settings = load(file("broker_pool_limit: 10\ntask_acks_late: true\n"));

        assertThat(settings.given()).containsOnlyKeys("task_acks_late");
        assertThat(settings.warnings())
                .singleElement()
                .asString()
                .contains(
                        "'broker_pool_limit'", "muster.yaml", "has no effect here: one connection");
    }

    @Test
    void whatWouldChangeTasksIsRefusedWithAWayOut() {
        assertThatThrownBy(() -> loadVariable("MUSTER_TASK_ALWAYS_EAGER", "true"))
                .hasMessageContainingAll(
                        "variable MUSTER_TASK_ALWAYS_EAGER",
                        "'task_always_eager' has no meaning here",
                        "TestMuster");
        assertThatThrownBy(() -> Settings.DEFAULT.with("mongodb_backend_settings", "x"))
                .hasMessageContaining("results cannot be kept in MongoDB");
    }

    static List<String> celerySettings() throws IOException {
        try (var names = SettingsTest.class.getResourceAsStream("celery-settings.txt")) {
            return new String(names.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("celerySettings")
    void eachSettingOfCeleryWorksOrHasASentenceThatSaysWhyNot(String name) {
        var works = Setting.all().containsKey(name);
        var foreign = ForeignSetting.all().get(name);

        assertThat(works).isEqualTo(foreign == null);
        if (foreign != null) {
            assertThat(foreign.reason()).hasSizeGreaterThan(10).doesNotEndWith(".");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "task_default_delivery_mode, transient, 1",
        "task_default_delivery_mode, 2, 2",
        "task_default_exchange_type, topic, topic",
        "broker_native_delayed_delivery_queue_type, classic, classic"
    })
    void aChoiceIsReadByName(String name, String value, String expected) {
        assertThat(Settings.DEFAULT.with(name, value).get(setting(name)))
                .asString()
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "task_default_delivery_mode, 3",
        "task_default_exchange_type, headers",
        "broker_native_delayed_delivery_queue_type, stream",
        "redis_socket_timeout, 0",
        "broker_connection_retry_on_startup, perhaps"
    })
    void anotherChoiceIsRefused(String name, String value) {
        assertThatThrownBy(() -> Settings.DEFAULT.with(name, value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(name);
    }
}
