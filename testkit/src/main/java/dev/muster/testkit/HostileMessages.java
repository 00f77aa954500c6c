package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.spi.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;

/// Messages that no worker should run: broken by accident or on purpose, each in its own way. The
/// same seed makes the same messages.
///
/// Each can be told by its correlation id, `bad-` and its number.
final class HostileMessages {
    private static final String GOOD_BODY =
            "[[1], {}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]";
    private static final int LARGE_TEXT = 100_000;
    private static final int MANY_HEADERS = 2_000;
    private static final int DEEP = 100_000;

    /// Far more than a worker accepts when decompressed, little when sent.
    private static final int BOMB = 500 << 20;

    private static final List<String> NO_BODIES =
            List.of(
                    "",
                    "{}",
                    "[]",
                    "1",
                    "\"text\"",
                    "null",
                    "NaN",
                    "[1, 2]",
                    "[[1], {}]",
                    "[[1], {}, {}, {}]",
                    "[{}, [], {}]",
                    "[[1], [], {}]",
                    "[\"1\", {}, {}]",
                    "[[1], {}, 5]",
                    "[[1], {}, {\"callbacks\": 5}]",
                    "{\"task\": 5}",
                    "\uFEFF[[1], {}, {}]",
                    "[[1], {}, {}] [[1], {}, {}]",
                    "[[\"\\ud800\\x\"], {}, {}]");

    private final Random random;
    private final String task;
    private int number;

    /// @param task one that the worker has
    HostileMessages(long seed, String task) {
        this.random = new Random(seed);
        this.task = task;
    }

    /// So many messages, among them at least one of each kind.
    List<Message> some(int count) {
        var kinds =
                List.<Supplier<Message>>of(
                        this::truncated,
                        this::wrongBody,
                        this::wrongHeader,
                        this::largeHeader,
                        this::manyHeaders,
                        this::unknownProtocol,
                        this::randomBytes,
                        this::zeroBytes,
                        this::missingId,
                        this::wrongId,
                        this::wrongContentType,
                        this::wrongCompression,
                        this::hugeNumber,
                        this::unknownTask);
        var messages = new ArrayList<Message>();
        for (var index = 0; index < 3; index++) {
            messages.add(deep("[", "]"));
            messages.add(deep("{\"a\":", "}"));
            messages.add(bomb());
        }
        while (messages.size() < count) {
            messages.add(kinds.get(messages.size() % kinds.size()).get());
        }
        return messages;
    }

    /// A body of that many bytes.
    Message large(int bytes) {
        var body = new byte[bytes];
        Arrays.fill(body, (byte) ' ');
        return message(body, Map.of());
    }

    private Message truncated() {
        return message(GOOD_BODY.substring(0, random.nextInt(GOOD_BODY.length())));
    }

    private Message wrongBody() {
        return message(any(NO_BODIES));
    }

    private Message wrongHeader() {
        return message(
                GOOD_BODY,
                any(
                        List.of(
                                Map.of("id", 5),
                                Map.of("id", List.of("a")),
                                Map.of("task", List.of(task)),
                                Map.of("task", 1.5),
                                Map.of("retries", "many"),
                                Map.of("retries", 1L << 40),
                                Map.of("eta", 17),
                                Map.of("eta", "tomorrow"),
                                Map.of("eta", "+999999999-12-31T00:00:00Z"),
                                Map.of("expires", Map.of()),
                                Map.of("timelimit", "soon"),
                                Map.of("timelimit", List.of(1)),
                                Map.of("timelimit", List.of("a", "b")),
                                Map.of("group_index", "first"),
                                Map.of("ignore_result", "perhaps"))));
    }

    private Message largeHeader() {
        return message("[", Map.of("large", "x".repeat(LARGE_TEXT)));
    }

    private Message manyHeaders() {
        var headers = new LinkedHashMap<String, @Nullable Object>();
        for (var index = 0; index < MANY_HEADERS; index++) {
            headers.put("header-" + index, index);
        }
        return message("[", headers);
    }

    private Message unknownProtocol() {
        var properties = message("").properties();
        return new Message(
                "{\"protocol\": 3, \"jobs\": []}".getBytes(UTF_8),
                "application/json",
                "utf-8",
                Map.of("protocol", 3),
                properties);
    }

    private Message randomBytes() {
        var body = new byte[random.nextInt(2_000)];
        random.nextBytes(body);
        return message(body, Map.of());
    }

    private Message zeroBytes() {
        return message(new byte[random.nextInt(2_000)], Map.of());
    }

    private Message missingId() {
        var good = message(GOOD_BODY);
        var headers = new LinkedHashMap<String, @Nullable Object>(good.headers());
        headers.remove("id");
        return new Message(
                good.body(),
                good.contentType(),
                good.contentEncoding(),
                headers,
                good.properties());
    }

    /// Under which no store may be able to keep a result.
    private Message wrongId() {
        return message(
                "[", Map.of("id", any(List.of("", "a\u0000b", "x".repeat(LARGE_TEXT), "\ud800"))));
    }

    private Message wrongContentType() {
        var good = message(GOOD_BODY);
        return new Message(
                good.body(),
                any(
                        Arrays.asList(
                                null,
                                "",
                                "application/x-python-serialize",
                                "text/xml",
                                "json",
                                "x".repeat(200))),
                any(Arrays.asList(null, "utf-8", "binary", "klingon")),
                good.headers(),
                good.properties());
    }

    private Message wrongCompression() {
        return message(
                GOOD_BODY,
                Map.of(
                        "compression",
                        any(
                                List.of(
                                        "application/x-gzip",
                                        "application/x-bz2",
                                        "application/x-rar",
                                        ""))));
    }

    private Message bomb() {
        return message(Bomb.BYTES, Map.of("compression", "application/x-gzip"));
    }

    private Message hugeNumber() {
        return message("[[%s], {}, {}]".formatted("9".repeat(LARGE_TEXT)));
    }

    /// Its name would begin a new line of the log.
    private Message unknownTask() {
        return message(
                GOOD_BODY, Map.of("task", "a\nERROR message refused\u001b[31m\u0000 " + number));
    }

    private Message deep(String opening, String closing) {
        return message(opening.repeat(DEEP) + "1" + closing.repeat(DEEP));
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private Message message(String body) {
        return message(body, Map.of());
    }

    private Message message(String body, Map<String, ? extends @Nullable Object> headers) {
        return message(body.getBytes(UTF_8), headers);
    }

    private Message message(byte[] body, Map<String, ? extends @Nullable Object> others) {
        var name = "bad-" + number++;
        var headers = new LinkedHashMap<String, @Nullable Object>();
        headers.put("lang", "py");
        headers.put("task", task);
        headers.put("id", name);
        headers.putAll(others);
        return new Message(
                body,
                "application/json",
                "utf-8",
                headers,
                new Message.Properties(name, null, true, 0, null));
    }

    /// Made once, as compressing it takes a while.
    private static final class Bomb {
        static final byte[] BYTES = bytes();

        private static byte[] bytes() {
            var bytes = new ByteArrayOutputStream();
            var spaces = " ".repeat(1 << 20).getBytes(US_ASCII);
            try (OutputStream compressed =
                    new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_SPEED))) {
                for (var done = 0; done < BOMB; done += spaces.length) {
                    compressed.write(spaces);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }
}
