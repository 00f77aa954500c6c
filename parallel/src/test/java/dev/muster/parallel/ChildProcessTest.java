package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ChildProcessTest {
    @TempDir private Path folder;

    static void write(String file, String text) throws IOException {
        Files.writeString(Path.of(file), text + ProcessHandle.current().pid());
    }

    static void hang(String file) throws IOException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(file)));
        Files.createFile(Path.of(file));
        while (true) {
            LockSupport.park();
        }
    }

    private static void finish(String file) {
        try {
            Files.writeString(Path.of(file), "hook");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path file() {
        return folder.resolve("file");
    }

    private ChildProcess hanging() {
        var child = ChildProcess.start(ChildProcessTest::hang, file().toString());
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(file()));
        return child;
    }

    @Test
    void runsAProcedureAndEndsWithStatusZero() throws Exception {
        var child = ChildProcess.start(ChildProcessTest::write, file().toString(), "pid ");

        assertThat(child.join()).isZero();
        assertThat(child.failure()).isEmpty();
        assertThat(child.isAlive()).isFalse();
        assertThat(file()).hasContent("pid " + child.pid());
        child.close();
    }

    @Test
    void whatTheProcedureThrowsEndsItWithStatusOne() throws Exception {
        try (var child =
                ChildProcess.start(() -> {
                    throw new IOException("no disk");
                })) {
            assertThat(child.join()).isEqualTo(1);
            assertThat(child.failure()).containsInstanceOf(IOException.class);
        }
    }

    @Test
    void anExitEndsItWithItsStatus() throws Exception {
        try (var child = ChildProcess.start(() -> System.exit(9))) {
            assertThat(child.join()).isEqualTo(9);
            assertThat(child.failure()).containsInstanceOf(WorkerProcessDiedException.class);
        }
    }

    @Test
    void terminatingRunsItsHooksAndKillingDoesNot() throws Exception {
        var asked = hanging();
        assertThat(asked.join(Duration.ofMillis(10))).isFalse();
        assertThat(asked.exitStatus()).isEmpty();
        assertThat(asked.isAlive()).isTrue();

        asked.terminate();

        assertThat(asked.join()).isEqualTo(143);
        assertThat(file()).hasContent("hook");
        Files.delete(file());

        var killed = hanging();
        killed.kill();
        assertThat(killed.join()).isEqualTo(137);
        assertThat(file()).isEmptyFile();
    }

    @Test
    void closingEndsIt() throws Exception {
        var child = hanging();
        child.close();
        assertThat(child.join()).isEqualTo(137);
    }

    @Test
    void refusesWhatCannotBeSent() {
        var unsendable = new Object();
        assertThatThrownBy(() -> ChildProcess.start(ignored -> {}, unsendable))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("argument 1: a java.lang.Object");
    }
}
