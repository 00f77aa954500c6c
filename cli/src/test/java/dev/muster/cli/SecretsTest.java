package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testkit.RedisServer;
import dev.muster.testkit.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
    private static final String SECRET = "hush-4711";

    /// All that may hold a secret is in `muster.yaml`; all that is printed at the level debug is
    /// looked through, and the command lines of all processes.
    @Test
    void noSecretIsPrintedOrStandsOnACommandLine(@TempDir Path folder) throws Exception {
        TestCertificate.Options.of(folder, "signer").withPassword(SECRET).make();
        Cli.write(folder, "Adder.java", RunTest.ADDER);
        var texts = new ArrayList<String>();
        try (var server = RedisServer.create(RedisServer.Options.DEFAULT.withPassword(SECRET))) {
            Cli.write(
                    folder,
                    "muster.yaml",
                    """
                    broker_url: %1$s
                    result_backend: %1$s
                    beat_schedule_store: %1$s?ssl_keyfile_password=%3$s
                    security_key: %2$s/signer.key
                    security_key_password: %3$s
                    security_certificate: %2$s/signer.pem
                    security_cert_store: %2$s/*.pem
                    task_serializer: auth
                    """
                            .formatted(server.url(), folder, SECRET));
            try (var worker =
                    start(
                            folder,
                            "worker",
                            "-A",
                            "Adder.java",
                            "-P",
                            "processes",
                            "-c1",
                            "-E",
                            "-n",
                            "w@here",
                            "-l",
                            "debug")) {
                worker.awaitOutput("ready.");
                for (var words :
                        List.of(
                                List.of("call", "Adder.add", "2", "3", "--wait", "-l", "debug"),
                                List.of("report"),
                                List.of("report", "--json"),
                                List.of("inspect", "conf", "true", "-d", "w@here", "-t", "30"),
                                List.of("inspect", "stats", "-d", "w@here", "-t", "30"),
                                List.of("inspect", "report", "-d", "w@here", "-t", "30"),
                                List.of("status", "-d", "w@here", "-t", "30"),
                                List.of("schedule", "list"))) {
                    try (var command = start(folder, words.toArray(String[]::new))) {
                        assertThat(command.awaitExit())
                                .as("%s: %s", words, command.output())
                                .isZero();
                        texts.add(command.output());
                    }
                }
                assertThat(texts.getFirst()).contains("5");
                assertThat(commandLines(worker.handle()))
                        .hasSizeGreaterThan(1)
                        .noneMatch(this::tells);
                server.kill();
                worker.awaitOutput("cannot be reached");
                texts.add(worker.output());
            }
            try (var command = start(folder, "call", "Adder.add", "2", "3", "-l", "debug")) {
                assertThat(command.awaitExit()).isEqualTo(1);
                texts.add(command.output());
            }
        }
        assertThat(texts).noneMatch(this::tells);
    }

    private static MusterProcess start(Path folder, String... words) {
        return MusterProcess.start(folder, words);
    }

    private boolean tells(String text) {
        return text.contains(SECRET);
    }

    /// Of a process and its descendants (Linux).
    private static List<String> commandLines(ProcessHandle process) throws IOException {
        var lines = new ArrayList<String>();
        for (var each : Stream.concat(Stream.of(process), process.descendants()).toList()) {
            lines.add(Files.readString(Path.of("/proc", Long.toString(each.pid()), "cmdline")));
        }
        return lines;
    }
}
