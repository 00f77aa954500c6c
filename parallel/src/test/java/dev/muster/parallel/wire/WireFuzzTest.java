package dev.muster.parallel.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What other processes and machines send.
class WireFuzzTest {
    private static final Values VALUES =
            new Values(WireFuzzTest.class.getClassLoader(), TypeFilter.DATA, null);
    private static final SharedKey KEY = SharedKey.ofText("sixteen bytes long");

    private static byte[][] packed() throws IOException {
        var texts = new ArrayList<>(Arrays.asList("a", null, true, 1, 2L, 3.5, "\u20ac"));
        var values =
                Arrays.asList(
                        null,
                        1,
                        2L,
                        3.5,
                        "text",
                        "\u20ac",
                        new byte[] {1, 2, 3},
                        texts,
                        new HashMap<>(Map.of("a", 1, "b", List.of(1, 2))),
                        new LinkedHashMap<>(Map.of("a", 1)),
                        new TreeMap<>(Map.of("a", 1, "b", 2)),
                        new ConcurrentHashMap<>(Map.of("a", 1)),
                        new CopyOnWriteArrayList<>(List.of("a")),
                        new ArrayDeque<>(List.of("a")),
                        new PriorityQueue<>(List.of("b", "a")),
                        EnumSet.of(TimeUnit.DAYS, TimeUnit.HOURS),
                        BitSet.valueOf(new long[] {5}),
                        Map.of("a", List.of("b", "c")),
                        new int[] {1, 2, 3},
                        new String[][] {{"a"}, {"b", "c"}},
                        new BigDecimal("12.50"),
                        BigInteger.TEN.pow(40),
                        new UUID(1, 2),
                        Instant.EPOCH,
                        LocalDate.EPOCH,
                        Duration.ofSeconds(90),
                        ZonedDateTime.parse("2026-01-01T00:00:00+01:00[Europe/Berlin]"),
                        Locale.GERMANY,
                        Pattern.compile("a+b"),
                        URI.create("http://localhost/a"),
                        Path.of("a", "b"),
                        ByteBuffer.wrap(new byte[] {1, 2, 3}),
                        new IllegalStateException("wrong", new IOException("cause")));
        var all = new ArrayList<byte[]>();
        for (var value : values) {
            all.add(VALUES.pack(value).body());
        }
        return all.toArray(byte[][]::new);
    }

    @FuzzTest
    void values() throws IOException {
        Fuzzer.of("values")
                .seeds(packed())
                .refusing(IOException.class)
                .refusing(ClassNotFoundException.class)
                .run(input -> VALUES.unpack(Packed.of(input)));
    }

    @FuzzTest
    void severalValues() throws IOException {
        Fuzzer.of("several values")
                .seeds(
                        VALUES.packAll().body(),
                        VALUES.packAll(1, "text", null).body(),
                        VALUES.packAll(new ArrayList<>(List.of(1, 2)), new byte[5], Instant.EPOCH)
                                .body())
                .refusing(IOException.class)
                .refusing(ClassNotFoundException.class)
                .run(input -> VALUES.unpackAll(Packed.of(input)));
    }

    @FuzzTest
    void whatAServerHearsInAHandshake() {
        Fuzzer.of("handshake, server")
                .refusing(IOException.class)
                .run(input ->
                        Handshake.serve(
                                new ByteArrayInputStream(input),
                                OutputStream.nullOutputStream(),
                                "fuzz/1",
                                KEY,
                                Handshake.Terms.of(LinkOptions.of(KEY))));
    }

    @FuzzTest
    void whatAClientHearsInAHandshake() {
        Fuzzer.of("handshake, client")
                .refusing(IOException.class)
                .run(input ->
                        Handshake.ask(
                                new ByteArrayInputStream(input),
                                OutputStream.nullOutputStream(),
                                "fuzz/1",
                                KEY,
                                Handshake.Terms.of(LinkOptions.of(KEY)),
                                "the server"));
    }

    @FuzzTest
    void addresses() {
        Fuzzer.of("addresses")
                .seeds("127.0.0.1:7000", "[::1]:7000")
                .refusing(IllegalArgumentException.class)
                .runText(text -> {
                    // A name would be looked up.
                    if (text.chars().noneMatch(Character::isLetter)) {
                        Addresses.text(Addresses.parse(text));
                    }
                });
    }

    @FuzzTest
    void keys() {
        Fuzzer.of("keys")
                .seeds("sixteen bytes long")
                .refusing(IllegalArgumentException.class)
                .run(input -> SharedKey.of(input).sign("a".getBytes(UTF_8)));
    }

    /// Found once: it was the exception of the class of the JDK.
    @Test
    void aDateInAThirteenthMonthIsNoValue() throws IOException {
        var date = VALUES.pack(LocalDate.EPOCH).body();
        date[date.length - 3] = 13;

        assertThatExceptionOfType(StreamCorruptedException.class)
                .isThrownBy(() -> VALUES.unpack(Packed.of(date)))
                .withMessageContaining("MonthOfYear");
    }
}
