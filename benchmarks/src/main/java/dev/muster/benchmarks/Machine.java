package dev.muster.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jobrunr.scheduling.JobRequestScheduler;
import redis.clients.jedis.Jedis;

/// What the numbers depend on beside the programs: the machine, what else it does, and the versions
/// of all that takes part. What is not installed is left out.
record Machine(int processors, String load, Map<String, String> versions) {
    static Machine now(Path checkout) {
        var load = "unknown";
        try {
            var words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
            load = String.join(", ", Arrays.asList(words).subList(0, 3));
        } catch (IOException e) {
            // Not Linux.
        }
        return new Machine(Runtime.getRuntime().availableProcessors(), load, versions(checkout));
    }

    private static Map<String, String> versions(Path checkout) {
        var versions = new LinkedHashMap<String, String>();
        put(
                versions,
                "Muster",
                "git",
                "-C",
                checkout.toString(),
                "describe",
                "--always",
                "--dirty");
        versions.put("Java", Runtime.version() + " " + System.getProperty("java.vendor"));
        put(versions, "", "uname", "-sr");
        put(versions, "", "redis-server", "--version");
        put(versions, "RabbitMQ", "dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server");
        put(versions, "", "psql", "--version");
        put(versions, "Celery", "/usr/bin/python3", "-m", "celery", "--version");
        put(versions, "", "/usr/bin/python3", "--version");
        put(versions, "", "grep", "--version");
        put(versions, "", "rg", "--version");
        put(versions, "Jedis", Jedis.class);
        put(versions, "amqp-client", ConnectionFactory.class);
        put(versions, "JobRunr", JobRequestScheduler.class);
        put(versions, "db-scheduler", Scheduler.class);
        return versions;
    }

    /// The version that a program prints in its first line.
    private static void put(Map<String, String> versions, String name, String... command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var printed = process.getInputStream().readAllBytes();
            if (process.waitFor() == 0 && printed.length > 0) {
                var line = new String(printed, StandardCharsets.UTF_8).lines().findFirst();
                line.map(text -> text.replaceAll(" (sha=|\\(Debian).*", ""))
                        .ifPresent(text -> add(versions, name, text));
            }
        } catch (IOException e) {
            // Not installed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Without a name, the text has it.
    private static void add(Map<String, String> versions, String name, String text) {
        if (name.isEmpty()) {
            versions.put(text, "");
        } else {
            versions.put(name, text);
        }
    }

    /// The version in the name of the jar that a class comes from.
    private static void put(Map<String, String> versions, String name, Class<?> type) {
        var jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
        var file = jar.getFileName().toString();
        versions.put(name, file.replaceAll("^.*?-(\\d.*)\\.jar$", "$1"));
    }

    /// One paragraph.
    @Override
    public String toString() {
        return versions.entrySet().stream()
                .map(entry -> "%s %s".formatted(entry.getKey(), entry.getValue()).strip())
                .collect(
                        Collectors.joining(
                                "; ",
                                "%d cores, load %s at the start; ".formatted(processors, load),
                                "."));
    }
}
