package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testkit.Servers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `muster events` on a terminal, with a server and a worker.
@Timeout(180)
class LiveEventsTest {
    private static final String ESCAPE = "\u001b";
    private static final String LEAVES_SCREEN = ESCAPE + "[?1049l";
    private static final String SHOWS_CURSOR = ESCAPE + "[?12;25h";

    @TempDir private static Path folder;

    private static MusterProcess worker;

    @BeforeAll
    static void start() {
        Cli.write(folder, "Adder.java", RunTest.ADDER);
        worker =
                MusterProcess.start(
                        folder,
                        "worker",
                        "-A",
                        "Adder.java",
                        "-b",
                        Servers.redis().url(),
                        "-n",
                        "w@here",
                        "-E",
                        "--heartbeat-interval",
                        "0.5");
        worker.awaitOutput("ready.");
    }

    @AfterAll
    static void stop() {
        worker.close();
    }

    private static PseudoTerminal events() {
        return PseudoTerminal.start(folder, "events", "-b", Servers.redis().url());
    }

    private static String call() {
        var outcome = Cli.run("call", "Adder.add", "2", "3", "-b", Servers.redis().url());
        assertThat(outcome.status()).as(outcome.err()).isZero();
        return outcome.out().strip();
    }

    @Test
    void aTaskIsSeenLookedAtAndRevoked() {
        try (var terminal = events()) {
            terminal.awaitScreen("1 alive of 1");
            var id = call();
            terminal.awaitScreen(id.substring(0, 7));
            terminal.awaitScreen("SUCCESS");

            terminal.type("i");
            terminal.awaitScreen("result: 5");
            terminal.type(ESCAPE);
            terminal.awaitScreen("RUNTIME");
            terminal.type("c");
            terminal.awaitScreen("Revoke %s? y/n".formatted(id));
            terminal.type("y");
            terminal.awaitScreen("flagged as revoked");
            terminal.type("w");
            terminal.awaitScreen("RUNTIME");
            terminal.type("w");
            terminal.awaitScreen("PROCESSED");
            terminal.type("s");
            terminal.awaitScreen("max-concurrency");

            terminal.type("q");
            terminal.awaitPrinted("restored: True, exit: 0");
            assertThat(terminal.output()).contains(LEAVES_SCREEN, SHOWS_CURSOR);
        }
    }

    @Test
    void fitsIntoATerminalOfAnySize() {
        try (var terminal = events()) {
            terminal.awaitScreen("1 alive of 1");
            terminal.resize(20, 5);
            terminal.awaitScreen("q quit  ? help  j/k…");
            terminal.type("w");
            terminal.awaitScreen("w@here");
            terminal.resize(1, 1);
            terminal.resize(200, 50);
            terminal.awaitScreen("w tasks");

            terminal.type("q");
            terminal.awaitPrinted("restored: True, exit: 0");
        }
    }

    @Test
    void aSignalLeavesTheTerminalAsItWas() {
        try (var terminal = events()) {
            terminal.awaitScreen("1 alive of 1");

            terminal.type("\u0003"); // Ctrl-C

            terminal.awaitPrinted("restored: True, exit: 0");
            assertThat(terminal.output()).contains(LEAVES_SCREEN);
        }
    }

    @Test
    void withDumpLinesArePrintedOnATerminalToo() {
        try (var terminal =
                PseudoTerminal.start(
                        folder, "events", "--dump", "-n", "1", "-b", Servers.redis().url())) {
            terminal.awaitPrinted("w@here worker-heartbeat active=");
            terminal.awaitPrinted("restored: True, exit: 0");
            assertThat(terminal.output()).doesNotContain(ESCAPE);
        }
    }
}
