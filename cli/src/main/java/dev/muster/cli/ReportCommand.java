package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.Secrets;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description =
                "Says what a bug report needs: versions, brokers, and the settings that are not the default, each with where it was said. Passwords are masked.",
        footer = {
            "",
            "Examples:",
            "  muster report",
            "  muster report --all --set task_acks_late=true"
        })
final class ReportCommand implements Callable<Integer> {
    private static final Secrets SECRETS =
            new Secrets(
                    Pattern.compile("(?i)password|passwd|secret|token|credential|key_?file"), "**");

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Option(names = "--all", description = "Tell also the settings that are the default.")
    private boolean all;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
        var report = new LinkedHashMap<String, Map<String, ?>>();
        report.put("software", software());
        report.put("libraries", Libraries.versions());
        report.put("url schemes", schemes());
        var settings = connection.load();
        if (json) {
            report.put("settings", settings(settings, Told::forPrograms));
            var whole = new LinkedHashMap<String, Object>(report);
            whole.put("warnings", settings.warnings());
            new Printer(out, true).json(whole);
            return 0;
        }
        report.put("settings", settings(settings, Told::forPeople));
        report.forEach((title, entries) -> {
            out.printf("[%s]%n", title);
            entries.forEach((name, value) -> out.printf("  %s: %s%n", name, value));
        });
        if (!settings.warnings().isEmpty()) {
            out.println("[warnings]");
            settings.warnings().forEach(warning -> out.println("  " + warning));
        }
        return 0;
    }

    /// A setting as it is told.
    private record Told(@Nullable Object value, String source) {
        String forPeople() {
            return "%s (%s)".formatted(text(value), source);
        }

        Map<String, @Nullable Object> forPrograms() {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("value", value);
            fields.put("source", source);
            return fields;
        }

        private static String text(@Nullable Object value) {
            return switch (value) {
                case null -> "none";
                // As it may be written in an option or a variable.
                case Map<?, ?> map -> Printer.text(map);
                default -> value.toString();
            };
        }
    }

    private static Map<String, String> software() {
        var software = new LinkedHashMap<String, String>();
        software.put("muster", Muster.VERSION);
        software.put(
                "java", "%s (%s)".formatted(Runtime.version(), System.getProperty("java.vendor")));
        software.put(
                "system",
                "%s %s %s, %d processors"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors()));
        return software;
    }

    private static Map<String, String> schemes() {
        var brokers = new TreeSet<String>();
        ServiceLoader.load(BrokerProvider.class)
                .forEach(provider -> brokers.addAll(provider.schemes()));
        var stores = new TreeSet<String>();
        ServiceLoader.load(ResultStoreProvider.class)
                .forEach(provider -> stores.addAll(provider.schemes()));
        var schemes = new LinkedHashMap<String, String>();
        schemes.put("brokers", String.join(", ", brokers));
        schemes.put("results", String.join(", ", stores));
        return schemes;
    }

    private <T> Map<String, T> settings(Settings settings, Function<Told, T> form) {
        var shown = new TreeMap<String, T>();
        for (var setting : Setting.all().values()) {
            if (all || settings.isSet(setting)) {
                shown.put(
                        setting.name(),
                        form.apply(new Told(value(setting, settings), settings.source(setting))));
            }
        }
        return shown;
    }

    private static @Nullable Object value(Setting<?> setting, Settings settings) {
        var value = SECRETS.shown(setting.name(), settings.get(setting));
        return value instanceof Duration duration ? inUnits(duration) : value;
    }

    /// As a setting may be written.
    private static String inUnits(Duration duration) {
        return duration.toMillisPart() == 0
                ? duration.toSeconds() + "s"
                : duration.toMillis() + "ms";
    }
}
