package dev.muster.parallel.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkLostException;
import dev.muster.parallel.wire.LinkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that speak the protocol by hand, or something else.
@Timeout(120)
class PoolServerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path folder;

    private final PoolServer server;

    PoolServerTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.server =
                PoolServer.listen(
                        "127.0.0.1:0",
                        PoolServerOptions.builder()
                                .slots(1)
                                .codeFolder(folder.resolve("code"))
                                .linger(Duration.ZERO)
                                .hidden()
                                .build());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Link link() throws IOException {
        return Link.connect(server.address(), Message.PROTOCOL, LinkOptions.DEFAULT);
    }

    private Conversation talk(Link link) {
        return new Conversation(
                link,
                folder,
                (message, reason) -> {
                    throw new AssertionError(message + " cannot be sent", reason);
                });
    }

    private static String sha256(String text) {
        return HexFormat.of().formatHex(ProgramCode.sha256().digest(text.getBytes(UTF_8)));
    }

    private static Message.Hello hello(String program, CodeEntry... code) {
        return new Message.Hello(program, true, List.of(code), new byte[0]);
    }

    private List<String> kept() throws IOException {
        try (var files = Files.list(folder.resolve("code"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static Message.Content content(boolean isLast, String text) {
        return new Message.Content(isLast, text.getBytes(UTF_8));
    }

    @Test
    void whatTheServerHasIsNotSentAgain() throws Exception {
        var entry = new CodeEntry("a.jar", sha256("content"), 7);
        try (var link = link();
                var talk = talk(link)) {
            talk.send(hello("first", entry));
            assertThat(talk.receive()).isEqualTo(new Message.Wanted(List.of(0)));
            talk.send(content(false, "con"));
            talk.send(content(true, "tent"));
            assertThat(talk.receive()).isInstanceOf(Message.Welcome.class);
        }
        var other = new CodeEntry("b.jar", sha256("other"), 5);
        try (var link = link();
                var talk = talk(link)) {
            talk.send(hello("second", other, entry));
            assertThat(talk.receive()).isEqualTo(new Message.Wanted(List.of(0)));
            talk.send(content(true, "other"));
            assertThat(talk.receive()).isEqualTo(new Message.Welcome(server.id(), 1));
        }
        assertThat(kept())
                .containsExactlyInAnyOrder(entry.sha256() + ".jar", other.sha256() + ".jar");
    }

    @Test
    void whatIsNotWhatItWasAnnouncedToBeIsRefused() throws Exception {
        var entry = new CodeEntry("a.jar", sha256("content"), 7);
        for (var sent : List.of("CONTENT", "conten", "content!")) {
            try (var link = link();
                    var talk = talk(link)) {
                talk.send(hello("program", entry));
                assertThat(talk.receive()).isInstanceOf(Message.Wanted.class);
                talk.send(content(true, sent));

                assertThat(talk.receive())
                        .isInstanceOfSatisfying(
                                Message.Rejected.class,
                                rejected ->
                                        assertThat(rejected.reason())
                                                .contains("a.jar", entry.sha256()));
                assertThatThrownBy(talk::receive).isInstanceOf(LinkLostException.class);
            }
        }
        assertThat(kept()).isEmpty();
    }

    @Test
    void aClientThatLeavesInTheMiddleOfItsCodeLeavesNothingBehind() throws Exception {
        try (var link = link();
                var talk = talk(link)) {
            talk.send(hello("program", new CodeEntry("a.jar", sha256("content"), 7)));
            assertThat(talk.receive()).isInstanceOf(Message.Wanted.class);
            talk.send(content(false, "con"));
            await().atMost(LIMIT).until(() -> kept().size() == 1);
        }
        await().atMost(LIMIT).until(() -> kept().isEmpty());
    }

    @Test
    void anEntryCannotNameAnotherFile() throws Exception {
        var sink = new ByteSink(100);
        hello("program", new CodeEntry("a.jar", sha256(""), 0)).write(sink);
        var frame = new String(sink.toByteArray(), 0, sink.size(), ISO_8859_1);
        var evil = frame.replace(sha256(""), "../".repeat(20) + "evil");
        sink.clear();
        sink.write(evil.getBytes(ISO_8859_1));
        try (var link = link()) {
            link.send(sink);
            assertThatThrownBy(link::receive).isInstanceOf(LinkLostException.class);
        }
    }

    @Test
    void garbageEndsTheConnectionAndNothingElse() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        for (var round = 0; round < 100; round++) {
            try (var link = link()) {
                if (random.nextBoolean()) {
                    var sink = new ByteSink(100);
                    hello("program").write(sink);
                    link.send(sink);
                }
                var garbage = new byte[1 + random.nextInt(40)];
                random.nextBytes(garbage);
                garbage[0] = (byte) random.nextInt(20);
                var sink = new ByteSink(100);
                sink.write(garbage);
                link.send(sink);
            } catch (LinkLostException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("closed");
            }
        }
        try (var link = link();
                var talk = talk(link)) {
            talk.send(hello("program"));
            assertThat(talk.receive()).isInstanceOf(Message.Wanted.class);
            assertThat(talk.receive()).as("seed %d", seed).isInstanceOf(Message.Welcome.class);
        }
    }
}
