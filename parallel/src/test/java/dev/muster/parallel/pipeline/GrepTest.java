package dev.muster.parallel.pipeline;

import static dev.muster.parallel.pipeline.Pipelines.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Searching of bytes, compared with the real grep and with regular expressions.
class GrepTest {
    private static final Path NOVEL = Path.of("..", "examples", "data", "war-and-peace.txt");

    private static final List<String> WORDS =
            List.of(
                    "love",
                    "hate",
                    "hope",
                    "peace",
                    "Natásha",
                    "Rostóv",
                    "don't",
                    "don’t",
                    "l'Empereur",
                    "“Eh",
                    "é",
                    "e",
                    "is",
                    "kiss",
                    "Mississippi",
                    "blockchain",
                    "ÉMIGRÉ",
                    "the",
                    "ss",
                    "Napoleon Bonaparte",
                    "œ",
                    "à la",
                    "---",
                    "sky",
                    "Пьер");

    @TempDir private Path folder;

    private static List<Occurrences> search(Path file, List<Word> words) {
        var found = new ArrayList<Occurrences>();
        cat(file, fanout(words.stream().map(word -> grep(word, count(sink(found::add)))).toList()));
        return found;
    }

    private static long realGrep(String options, String word, Path file) throws Exception {
        var command = List.of("grep", options, "-e", word, file.toString());
        var builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C.UTF-8");
        var process = builder.start();
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            var count = lines.lines().count();
            assertThat(process.waitFor()).isLessThan(2);
            return count;
        }
    }

    @Test
    void countsInTheNovelWhatGrepCounts() throws Exception {
        var ignoring = search(NOVEL, WORDS.stream().map(Word::ignoringCase).toList());
        var exactly = search(NOVEL, WORDS.stream().map(Word::of).toList());

        assertThat(ignoring).extracting(Occurrences::word).isEqualTo(WORDS);
        for (var i = 0; i < WORDS.size(); i++) {
            var word = WORDS.get(i);
            assertThat(ignoring.get(i).count()).as(word).isEqualTo(realGrep("-Foi", word, NOVEL));
            assertThat(exactly.get(i).count()).as(word).isEqualTo(realGrep("-Fo", word, NOVEL));
        }
        assertThat(ignoring.subList(0, 3))
                .extracting(Occurrences::toString)
                .containsExactly("love 677", "hate 103", "hope 158");
    }

    @Test
    void findsEachLetterInTheCasesThatGrepKnows() throws Exception {
        var file =
                Files.writeString(
                        folder.resolve("cases"),
                        "straße STRASSE ÄÖÜäöü ΣΊΣΥΦΟΣ σίσυφος ПЬЕР пьер ǅ ǆ Ǆ ſ s S ı i I\n");

        for (var word : List.of("straße", "ÄÖÜ", "σίσυφοσ", "Пьер", "ǆ", "s", "i")) {
            assertThat(search(file, List.of(Word.ignoringCase(word))).getFirst().count())
                    .as(word)
                    .isEqualTo(realGrep("-Foi", word, file));
        }
    }

    /// Letters whose cases differ in length: K (1 byte) and the Kelvin sign (3 bytes), s and ſ.
    @ParameterizedTest
    @CsvSource({
        "kelvin, KELVIN \u212aelvin kelvin, 3",
        "straße, STRAẞE straße strasse, 2",
        "bike, biKe bi\u212ae, 2",
        "sink, \u017fin\u212a SINK, 2",
        "kiss, \u212ai\u017fs ki\u017f\u017f, 2",
        "ss, sſs ſſſ s, 2"
    })
    void lettersOfDifferentLengthAreTheSame(String word, String text, long count) {
        assertThat(Word.ignoringCase(word).countIn(Text.of(text))).isEqualTo(count);
    }

    /// Those of Latin-1 have a table of their own.
    @Test
    void eachCharacterFindsAllThatEqualItInAnyCase() {
        var characters =
                IntStream.rangeClosed(0, 0x2ffff)
                        .filter(c -> c != '\n' && Character.getType(c) != Character.SURROGATE)
                        .mapToObj(Character::toString)
                        .toList();
        var text = Text.of(String.join("\n", characters));

        for (var word : characters.subList(0, 0xff)) {
            assertThat(Word.ignoringCase(word).countIn(text))
                    .as(word)
                    .isEqualTo(characters.stream().filter(word::equalsIgnoreCase).count());
        }
    }

    /// The bytes before the last letters are compared eight at a time.
    @Test
    void aWordIsFoundAtTheVeryEndAndBesideWordsThatBeginLikeIt() {
        for (var length = 1; length <= 20; length++) {
            var word = "Abcdefghijklmnopqrst".substring(0, length);
            var almost = word.substring(0, length - 1) + "?";
            for (var space = 0; space < 20; space++) {
                var text = Text.of(".".repeat(space) + almost + word + almost + word);

                assertThat(Word.of(word).countIn(text)).as(word).isEqualTo(2);
                assertThat(Word.ignoringCase(word.toUpperCase(Locale.ROOT)).countIn(text))
                        .as(word)
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void occurrencesDoNotOverlap() {
        assertThat(Word.of("aa").countIn(Text.of("aaaaa aa"))).isEqualTo(3);
        assertThat(Word.of("abab").countIn(Text.of("abababab ab"))).isEqualTo(2);
        assertThat(Word.ignoringCase("ABA").countIn(Text.of("ababababa"))).isEqualTo(2);
    }

    /// Short alphabets make many near misses; all lengths of text try each end of the loops.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithRegularExpressionsOnRandomTexts(long seed) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        var letters = "abAB sſkKéÉ€😀".codePoints().toArray();
        for (var round = 0; round < 2_000; round++) {
            var text = random(random, letters, random.nextInt(60));
            var word = random(random, letters, 1 + random.nextInt(4));
            var exact = Pattern.compile(word, Pattern.LITERAL);
            var ignoring =
                    Pattern.compile(
                            word,
                            Pattern.LITERAL | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

            assertThat(Word.of(word).countIn(Text.of(text)))
                    .as("seed %d: '%s' in '%s'", seed, word, text)
                    .isEqualTo(exact.matcher(text).results().count());
            assertThat(Word.ignoringCase(word).countIn(Text.of(text)))
                    .as("seed %d: '%s' in '%s', any case", seed, word, text)
                    .isEqualTo(ignoring.matcher(text).results().count());
        }
    }

    private static String random(RandomGenerator random, int[] letters, int length) {
        var text = new StringBuilder();
        for (var i = 0; i < length; i++) {
            text.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    @Test
    void linesLongerThanABlockAreSentWhole() throws IOException {
        var line = "x".repeat(300_000) + "needle" + "y".repeat(700_000);
        var text = "needle\n" + line + "\n" + line + "\nneedle";
        var lengths = new ArrayList<Integer>();

        cat(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                lines(map(Text::length, sink(lengths::add))));

        assertThat(lengths).containsExactly(6, line.length(), line.length(), 6);
    }

    @Test
    void aWordIsFoundWhereverTheStreamIsCut() {
        var bytes =
                "one needle\nand a needle, needle\n"
                        .repeat(20_000)
                        .getBytes(StandardCharsets.UTF_8);
        var crumbs =
                new ByteArrayInputStream(bytes) {
                    @Override
                    public int read(byte[] target, int from, int length) {
                        return super.read(target, from, Math.min(length, 997));
                    }
                };
        var found = new ArrayList<Object>();

        cat(crumbs, grep("needle", count(sink(found::add))));

        assertThat(found).containsExactly(new Occurrences("needle", 60_000, 0));
    }

    @Test
    void linesHaveNumbers() throws IOException {
        var file = Files.writeString(folder.resolve("text"), "a b a\n\nb\na\r\n");
        var found = new ArrayList<String>();

        cat(
                file,
                lines(
                        grep(
                                "a",
                                filter(
                                        each -> each.count() > 0,
                                        map(Object::toString, sink(found::add))))));

        assertThat(found).containsExactly("1:a 2", "4:a 1");
    }

    @Test
    void inAnEmptyFileEachWordHasACountOfZero() throws IOException {
        var file = Files.createFile(folder.resolve("empty"));

        assertThat(search(file, List.of(Word.of("a")))).containsExactly(new Occurrences("a", 0, 0));
    }

    @Test
    void aNulByteIsRefusedAndNoTotalIsSent() throws IOException {
        var file =
                Files.write(folder.resolve("data"), new byte[] {'l', 'o', 'v', 'e', '\n', 0, 'x'});
        var found = new ArrayList<Object>();

        assertThatThrownBy(
                        () -> cat(file, plainText("data", grep("love", count(sink(found::add))))))
                .isInstanceOf(BinaryTextException.class)
                .hasMessage("data is binary: it has NUL bytes");
        assertThat(found).isEmpty();
    }

    @Test
    void whatIsNoUtf8DoesNotDisturb() {
        var bytes = new byte[] {(byte) 0xe9, 'l', 'o', 'v', 'e', (byte) 0xff, (byte) 0xc3};

        assertThat(Word.ignoringCase("love").countIn(new Text(bytes, 0, bytes.length, 0))).isOne();
        assertThat(Word.ignoringCase("é").countIn(new Text(bytes, 0, bytes.length, 0))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb"})
    void aWordIsOnOneLine(String word) {
        assertThatThrownBy(() -> Word.of(word.toUpperCase(Locale.ROOT)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
