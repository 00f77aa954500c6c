package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real supervisord with our file for it, in which only the places are changed.
class SupervisorTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Pattern SPAWNED =
            Pattern.compile("spawned: 'muster-worker' with pid (\\d+)");

    @TempDir private Path folder;

    private Process start(String broker) throws IOException {
        var program =
                """
                #!/bin/sh
                exec '%s/bin/java' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '%s' %s "$@"
                """
                        .formatted(
                                System.getProperty("java.home"),
                                System.getProperty("java.class.path"),
                                Main.class.getName());
        var command = Cli.write(folder, "muster", program);
        assertThat(command.toFile().setExecutable(true)).isTrue();
        var ours =
                Files.readString(Path.of("..", "deploy", "supervisord.conf"))
                        .replace("/opt/muster/bin/muster", command.toString())
                        .replace("/srv/muster/app.jar", "Waiter.java")
                        .replace("/srv/muster", folder.toString())
                        .replace("/var/log/", folder + "/")
                        .replace("redis://localhost:6379/0", broker)
                        .replace("user=muster\n", "");
        var general =
                """
                [supervisord]
                logfile=%1$s/supervisord.log
                pidfile=%1$s/supervisord.pid

                """
                        .formatted(folder);
        var file = Cli.write(folder, "supervisord.conf", general + ours);
        return new ProcessBuilder("/usr/bin/supervisord", "-n", "-c", file.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private String log(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void itKeepsAWorkerAndABeatRunningAndLetsTheWorkerEndItsTasks() throws Exception {
        Cli.write(folder, "Waiter.java", WorkerTest.WAITER);
        var broker = "sqlite:" + folder.resolve("queue.db");
        var supervisor = start(broker);
        try {
            await().atMost(PATIENCE).until(() -> log("muster-beat.log").contains("beat ready."));
            await().atMost(PATIENCE).until(() -> log("muster-worker.log").contains("ready."));
            var worker = SPAWNED.matcher(log("supervisord.log"));
            assertThat(worker.find()).isTrue();
            ProcessHandle.of(Long.parseLong(worker.group(1))).orElseThrow().destroyForcibly();
            await().atMost(PATIENCE)
                    .until(() -> log("muster-worker.log").split("ready\\.", -1).length == 3);

            var id = Cli.run("call", "Waiter.until", "later", "-b", broker).out().strip();
            await().atMost(PATIENCE)
                    .until(() -> log("muster-worker.log").contains("waiting for later"));
            supervisor.destroy();
            await().atMost(PATIENCE)
                    .until(() -> log("muster-worker.log").contains("warm shutdown"));
            Files.createFile(folder.resolve("later"));

            assertThat(supervisor.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(Cli.run("result", id, "-b", broker).out()).isEqualToIgnoringNewLines("seen");
        } finally {
            supervisor.descendants().forEach(ProcessHandle::destroyForcibly);
            supervisor.destroyForcibly();
        }
    }
}
