package dev.muster.cli;

import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.Secrets;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
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
                "Says what a bug report needs: versions, brokers, and the settings that are not the default. Passwords are masked.",
        footer = {"", "Example:", "  muster report"})
final class ReportCommand implements Callable<Integer> {
    private static final Secrets SECRETS =
            new Secrets(
                    Pattern.compile("(?i)password|passwd|secret|token|credential|key_?file"), "**");

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
        var report = new LinkedHashMap<String, Map<String, ?>>();
        report.put("software", software());
        report.put("libraries", Libraries.versions());
        report.put("url schemes", schemes());
        report.put("settings", settings(connection.load()));
        if (json) {
            new Printer(out, true).json(report);
            return 0;
        }
        report.forEach((title, entries) -> {
            out.printf("[%s]%n", title);
            entries.forEach((name, value) -> out.printf("  %s: %s%n", name, value));
        });
        return 0;
    }

    private static Map<String, String> software() {
        var software = new LinkedHashMap<String, String>();
        software.put("muster", Version.current());
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

    private static Map<String, String> settings(Settings settings) {
        var shown = new TreeMap<String, String>();
        Setting.all().values().stream()
                .filter(settings::isSet)
                .forEach(setting ->
                        shown.put(
                                setting.name(),
                                String.valueOf(SECRETS.shown(settings.get(setting)))));
        return shown;
    }
}
