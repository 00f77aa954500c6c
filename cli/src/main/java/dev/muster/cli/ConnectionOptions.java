package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The settings of an application, as far as they are given as options.
final class ConnectionOptions {
    @Option(
            names = {"-b", "--broker"},
            paramLabel = "URL",
            description = "What carries the tasks: redis://localhost:6379/0")
    private @Nullable String broker;

    @Option(
            names = "--result-backend",
            paramLabel = "URL",
            description =
                    "Where results are kept. By default on the broker's server; with RabbitMQ, rpc://.")
    private @Nullable String resultBackend;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description =
                    "Any other setting, by its name; a map as in YAML: {max_retries: 5}. Can be repeated.")
    private Map<String, String> others = new LinkedHashMap<>();

    @Option(
            names = {"-l", "--loglevel"},
            paramLabel = "LEVEL",
            description =
                    "What is logged: debug, info, warning, error. By default warning; for a worker, info."
                            + " Debug also shows where an error arose.")
    private @Nullable LogLevel logLevel;

    /// The settings alone, for verbs that connect to nothing.
    Settings load() {
        var settings =
                Settings.load(Path.of("muster.yaml"), System.getenv(), System.getProperties());
        for (var other : others.entrySet()) {
            settings = settings.with("option --set", other.getKey(), other.getValue());
        }
        if (broker != null) {
            settings = settings.with("option -b", Setting.BROKER_URL.name(), broker);
        }
        if (resultBackend != null) {
            settings =
                    settings.with(
                            "option --result-backend",
                            Setting.RESULT_BACKEND.name(),
                            resultBackend);
        }
        return settings;
    }

    Muster.Builder muster() {
        if (logLevel != null) {
            LogConfigurator.use(logLevel);
        }
        return Muster.builder().settings(load());
    }

    /// Hands what was given as options to a program that runs in this JVM.
    void passOn() {
        others.forEach(ConnectionOptions::passOn);
        if (broker != null) {
            passOn(Setting.BROKER_URL.name(), broker);
        }
        if (resultBackend != null) {
            passOn(Setting.RESULT_BACKEND.name(), resultBackend);
        }
    }

    private static void passOn(String name, String value) {
        System.setProperty("muster." + name, value);
    }

    LogLevel logLevel(LogLevel byDefault) {
        return logLevel == null ? byDefault : logLevel;
    }
}
