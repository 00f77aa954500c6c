package dev.muster.queue;

import dev.muster.queue.schedule.FileScheduleStore;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Finds the room that a URL's scheme belongs to.
final class Services {
    /// The artifact to add when a room is not on the class path.
    private static final Map<String, String> ARTIFACTS =
            Map.of(
                    "redis", "dev.muster:muster-queue-redis",
                    "rediss", "dev.muster:muster-queue-redis",
                    "amqp", "dev.muster:muster-queue-amqp",
                    "amqps", "dev.muster:muster-queue-amqp",
                    "sqlite", "dev.muster:muster-queue-jdbc",
                    "postgresql", "dev.muster:muster-queue-jdbc");

    /// Brokers that cannot keep results themselves send them as messages.
    private static final Set<String> BROKER_ONLY = Set.of("amqp", "amqps", "pyamqp");

    /// What follows the colon in `host:port` and `host:port/database`. Nothing else is repeated in
    /// a message: it may be a password.
    private static final Pattern PORT = Pattern.compile("\\d{1,5}(/\\d*)?");

    private Services() {}

    static Broker broker(Environment environment) {
        var url = parse("broker_url", environment.settings().get(Setting.BROKER_URL));
        return find(BrokerProvider.class, BrokerProvider::schemes, url, "broker_url")
                .open(url, environment);
    }

    static ResultStore resultStore(Environment environment, Broker broker) {
        var settings = environment.settings();
        var text =
                settings.get(Setting.RESULT_BACKEND)
                        .orElseGet(() -> beside(settings.get(Setting.BROKER_URL)));
        if (Set.of("disabled", "disabled:", "disabled://").contains(text)) {
            return new DisabledResultStore(
                    "results are disabled; set result_backend, for example to redis://localhost:6379/1 or rpc://");
        }
        var url = parse("result_backend", text);
        return find(ResultStoreProvider.class, ResultStoreProvider::schemes, url, "result_backend")
                .open(url, environment, broker);
    }

    /// Where results are kept when nobody has said: on the broker's own server, so that the first
    /// program works.
    private static String beside(String brokerUrl) {
        return BROKER_ONLY.contains(parse("broker_url", brokerUrl).scheme()) ? "rpc://" : brokerUrl;
    }

    static ScheduleStore scheduleStore(Environment environment) {
        var settings = environment.settings();
        var text = settings.get(Setting.BEAT_SCHEDULE_STORE);
        if (text.isEmpty()) {
            return new FileScheduleStore(Path.of(settings.get(Setting.BEAT_SCHEDULE_FILENAME)));
        }
        var url = parse("beat_schedule_store", text.get());
        if (BROKER_ONLY.contains(url.scheme())) {
            throw new SettingsException(
                    "beat_schedule_store: RabbitMQ keeps no schedules; use redis://, postgresql://, sqlite: or, for one machine, beat_schedule_filename");
        }
        return find(
                        ScheduleStoreProvider.class,
                        ScheduleStoreProvider::schemes,
                        url,
                        "beat_schedule_store")
                .open(url, environment);
    }

    private static ServiceUrl parse(String setting, String text) {
        try {
            return ServiceUrl.parse(text);
        } catch (SettingsException e) {
            throw new SettingsException("%s: %s".formatted(setting, e.getMessage()), e);
        }
    }

    private static <P> P find(
            Class<P> service, Function<P, Set<String>> schemes, ServiceUrl url, String setting) {
        var known = new TreeSet<String>();
        Optional<P> found = Optional.empty();
        for (var provider : ServiceLoader.load(service, service.getClassLoader())) {
            known.addAll(schemes.apply(provider));
            if (schemes.apply(provider).contains(url.scheme())) {
                found = Optional.of(provider);
            }
        }
        return found.orElseThrow(() -> {
            var artifact = ARTIFACTS.get(url.scheme());
            return new SettingsException(
                    artifact == null
                            ? "%s: unknown URL scheme '%s'; known here: %s%s"
                                    .formatted(
                                            setting,
                                            url.scheme(),
                                            String.join(", ", known),
                                            suggestion(url, known))
                            : "%s: '%s:' needs the artifact %s on the class path; known here: %s"
                                    .formatted(
                                            setting,
                                            url.scheme(),
                                            artifact,
                                            String.join(", ", known)));
        });
    }

    /// What may have been meant: a scheme that looks like it or, where `host:port` stands alone,
    /// one before it.
    private static String suggestion(ServiceUrl url, Set<String> known) {
        return url.host().isEmpty() && PORT.matcher(url.path()).matches()
                ? "; a URL begins with its scheme, as in redis://%s:%s"
                        .formatted(url.scheme(), url.path())
                : Settings.near(url.scheme(), known)
                        .map("; did you mean '%s'?"::formatted)
                        .orElse("");
    }
}
