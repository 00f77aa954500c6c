package dev.muster.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Decoders with a defect, which must be found.
class FuzzerTest {
    @AfterEach
    void forget() {
        Stream.of("fuzz.seed", "fuzz.input", "fuzz.seconds").forEach(System::clearProperty);
    }

    private static void searchFor(int seconds) {
        System.setProperty("fuzz.seconds", String.valueOf(seconds));
    }

    private static String text(byte[] input) {
        return new String(input, UTF_8);
    }

    @Test
    void aDecoderThatOnlyRefusesIsFine() {
        Fuzzer.of("numbers")
                .seeds("1", "-17")
                .refusing(NumberFormatException.class)
                .runText(Long::parseLong);
    }

    @Test
    void aSeedMustBeValid() {
        assertThat(
                        catchThrowable(() ->
                                Fuzzer.of("numbers")
                                        .seeds("1", "one")
                                        .refusing(NumberFormatException.class)
                                        .runText(Long::parseLong)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("fuzz: numbers: a seed is refused: one");
    }

    @Test
    void findsALengthThatIsBelieved() {
        searchFor(30);
        var frame = ByteBuffer.allocate(9).put((byte) 1).putInt(4).putInt(17).array();

        var finding =
                catchThrowable(() ->
                        Fuzzer.of("frames")
                                .seeds(frame)
                                .refusing(IOException.class)
                                .refusing(BufferUnderflowException.class)
                                .run(input -> {
                                    if (input.length < 5) {
                                        throw new IOException("too short");
                                    }
                                    var length = ByteBuffer.wrap(input, 1, 4).getInt();
                                    ByteBuffer.wrap(input, 5, input.length - 5)
                                            .get(new byte[length]);
                                }));

        assertThat(finding)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("fuzz: frames does not survive input ");
    }

    @Test
    void findsNestingThatExhaustsTheStack() {
        searchFor(30);
        var finding =
                catchThrowable(
                        () -> Fuzzer.of("brackets").seeds("[[]]").runText(text -> depth(text, 0)));

        assertThat(finding).hasCauseInstanceOf(StackOverflowError.class);
    }

    private static int depth(String text, int at) {
        return at < text.length() && text.charAt(at) == '[' ? 1 + depth(text, at + 1) : 0;
    }

    @Test
    void findsALoopWithoutEnd() {
        searchFor(30);
        var never = new CountDownLatch(1);
        var campaign =
                new Campaign(
                        "loops",
                        input -> {
                            if (input.length > 0 && input[0] == '!') {
                                never.await();
                            }
                        },
                        List.of("a".getBytes(UTF_8)),
                        List.of(),
                        new Random().nextLong(),
                        Duration.ofSeconds(1));

        var finding = catchThrowable(campaign::search);

        assertThat(finding).hasMessageContaining("is still reading after PT1S");
        assertThat(Objects.requireNonNull(finding.getCause()).getStackTrace()).isNotEmpty();
    }

    @Test
    void findsMemoryThatGrowsMoreThanTheInput() {
        searchFor(30);
        var finding =
                catchThrowable(() ->
                        Fuzzer.of("repetitions")
                                .seeds("ab*3")
                                .refusing(NumberFormatException.class)
                                .runText(text -> {
                                    var star = text.indexOf('*');
                                    var count = Integer.parseInt(text.substring(star + 1));
                                    assertThat(text.repeat(Math.clamp(count, 0, 1 << 20)))
                                            .isNotNull();
                                }));

        assertThat(finding).hasMessageContaining("allocates ");
    }

    /// Three right bytes are not guessed at once; one at a time they are, as each wrong one is
    /// refused in another line.
    @Test
    void findsItsWayIntoAFormatByTheWaysOfRefusal() {
        searchFor(60);
        var finding =
                catchThrowable(() ->
                        Fuzzer.of("magic")
                                .seeds(new byte[] {'N', 0, 0, 0})
                                .refusing(IOException.class)
                                .run(FuzzerTest::readMagic));

        assertThat(finding).hasMessageContaining("\nMus");
    }

    private static void readMagic(byte[] input) throws IOException {
        if (input.length < 3) {
            throw new IOException("too short");
        }
        if (input[0] == 'N') {
            return; // another version
        }
        if (input[0] != 'M') {
            throw new IOException("no M");
        }
        if (input[1] != 'u') {
            throw new IOException("no u");
        }
        if (input[2] != 's') {
            throw new IOException("no s");
        }
        throw new IllegalStateException("deep inside");
    }

    @Test
    void theSeedRepeatsTheSearch() {
        System.setProperty("fuzz.seed", "42");
        assertThat(inputs()).startsWith(inputs().subList(0, 100).toArray(String[]::new));
    }

    private static List<String> inputs() {
        var seen = new ArrayList<String>();
        Fuzzer.of("texts").seeds("{\"a\": [1, 2]}", "x").run(input -> seen.add(text(input)));
        return seen;
    }

    @Test
    void aFindingIsShortAndCanBeRepeated() {
        searchFor(30);
        var finding =
                catchThrowable(() ->
                        Fuzzer.of("texts")
                                .seeds("a long text before it, #, and one behind it")
                                .runText(FuzzerTest::dislikesTwoHashes));
        assertThat(finding).hasMessageContaining("\n##\n").hasMessageContaining("fuzz.input=IyM=");

        System.setProperty("fuzz.input", "IyM=");
        assertThat(catchThrowable(() -> Fuzzer.of("texts").runText(FuzzerTest::dislikesTwoHashes)))
                .hasMessageContaining("texts does not survive");
        System.setProperty("fuzz.input", "Iw==");
        Fuzzer.of("texts").runText(FuzzerTest::dislikesTwoHashes);
    }

    private static void dislikesTwoHashes(String text) {
        if (text.chars().filter(letter -> letter == '#').count() > 1) {
            throw new IllegalStateException("two");
        }
    }
}
