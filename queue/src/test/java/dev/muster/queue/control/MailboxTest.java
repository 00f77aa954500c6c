package dev.muster.queue.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fuzz.LogCapture;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.events.LogicalClock;
import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static Message message(String body) {
        return new Message(
                body.getBytes(UTF_8),
                "application/json",
                "utf-8",
                Map.of(),
                Message.Properties.DEFAULT);
    }

    @Test
    void aFloodOfCommandsThatAreNotObeyedDoesNotFillTheLog() {
        var settings = Settings.DEFAULT;
        try (var broker =
                        new MemoryBrokerProvider()
                                .open(ServiceUrl.parse("memory:"), Environment.of(settings));
                var log = new LogCapture(Mailbox.class)) {
            var mailbox =
                    new Mailbox(
                            broker,
                            new Serializers(settings),
                            new LogicalClock(),
                            settings,
                            "a@b",
                            command -> {
                                if (command.method().equals("unknown")) {
                                    throw new CommandException("KeyError('unknown')");
                                }
                                throw new IllegalStateException("a defect");
                            });
            for (var each = 0; each < 1_000; each++) {
                mailbox.hear(message("no JSON"));
                mailbox.hear(message("{\"method\": \"unknown\"}"));
                mailbox.hear(message("{\"method\": \"broken\"}"));
            }

            assertThat(log.warnings()).hasSizeBetween(30, 60);
            assertThat(log.warnings())
                    .anyMatch(line -> line.startsWith("a command cannot be read"))
                    .contains("the command unknown is refused: KeyError('unknown')")
                    .contains("the command broken has failed");
        }
    }
}
