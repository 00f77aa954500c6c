package dev.muster.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class MusterPropertiesTest {
    private static Settings settings(
            Map<String, Object> properties, Map<String, Object> variables) {
        var environment = new StandardEnvironment();
        var sources = environment.getPropertySources();
        sources.replace(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new SystemEnvironmentPropertySource(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        sources.addFirst(new MapPropertySource("application", properties));
        ConfigurationPropertySources.attach(environment);
        return MusterProperties.settings(environment);
    }

    private static Settings settings(Map<String, Object> properties) {
        return settings(properties, Map.of());
    }

    @Test
    void settingsAreWrittenInAnyWayOfSpring() {
        assertThat(settings(Map.of("muster.broker-url", "redis://a")).get(Setting.BROKER_URL))
                .isEqualTo("redis://a");
        assertThat(settings(Map.of("muster.broker_url", "redis://a")).get(Setting.BROKER_URL))
                .isEqualTo("redis://a");
        assertThat(
                        settings(Map.of(), Map.of("MUSTER_BROKER_URL", "redis://a"))
                                .get(Setting.BROKER_URL))
                .isEqualTo("redis://a");
        assertThat(
                        settings(
                                        Map.of("muster.worker-concurrency", 3),
                                        Map.of("MUSTER_WORKER_CONCURRENCY", "5"))
                                .get(Setting.WORKER_CONCURRENCY))
                .isEqualTo(3);
    }

    @Test
    void mapsAndListsAreSettingsToo() {
        var settings =
                settings(
                        Map.of(
                                "muster.broker-transport-options.visibility_timeout", 30,
                                "muster.task-routes[feed.*].queue", "feeds",
                                "muster.accept-content[0]", "json",
                                "muster.accept-content[1]", "yaml"));

        assertThat(settings.get(Setting.BROKER_TRANSPORT_OPTIONS))
                .isEqualTo(Map.of("visibility_timeout", 30));
        assertThat(settings.get(Setting.TASK_ROUTES))
                .isEqualTo(Map.of("feed.*", Map.of("queue", "feeds")));
        assertThat(settings.given().get("accept_content")).isEqualTo(List.of("json", "yaml"));
    }

    @Test
    void anUnknownNameIsRefusedWithASuggestion() {
        assertThatThrownBy(() -> settings(Map.of("muster.brokr-url", "redis://a")))
                .isInstanceOf(SettingsException.class)
                .hasMessage(
                        "property muster.brokr-url: there is no setting 'brokr_url'; did you mean 'broker_url'?");
        assertThatThrownBy(() -> settings(Map.of(), Map.of("MUSTER_BROKR_URL", "redis://a")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("did you mean");
    }

    @Test
    void whatOnlyCeleryKnowsIsAWarningAndHidesNoMistake() {
        var settings = settings(Map.of("muster.broker-pool-limit", 10), Map.of());
        assertThat(settings.warnings())
                .singleElement()
                .asString()
                .contains("broker_pool_limit", "property muster.broker-pool-limit");

        for (var mistake : List.of("aaa", "zzz")) {
            assertThatThrownBy(() ->
                            settings(
                                    Map.of("muster.broker-pool-limit", 10, "muster." + mistake, 1)))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("property muster." + mistake);
        }
    }

    @Test
    void aValueThatDoesNotFitIsRefusedByItsProperty() {
        assertThatThrownBy(() -> settings(Map.of("muster.worker-concurrency", "many")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("property muster.worker-concurrency: ");
    }
}
