package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrepTest {
    private static final String NOVEL =
            Path.of("..", "examples", "data", "war-and-peace.txt").toString();

    @TempDir private Path folder;

    private static List<String> lines(String... args) {
        var outcome = Cli.run(args);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.err()).isEmpty();
        return outcome.out().lines().toList();
    }

    @Test
    void countsTheWordsOfTheNovelInOnePass() {
        assertThat(lines("grep", "-i", "-e", "hate", "-e", "love", "-e", "hope", NOVEL))
                .containsExactly("hate 103", "love 677", "hope 158");
        assertThat(lines("grep", "-i", "love", NOVEL)).containsExactly("love 677");
    }

    @Test
    void aWordThatIsAbsentHasACountAndNoError() {
        assertThat(lines("grep", "blockchain", NOVEL)).containsExactly("blockchain 0");
        assertThat(lines("grep", "x", Cli.write(folder, "empty", "").toString()))
                .containsExactly("x 0");
    }

    @Test
    void countsEachFileAndEachLineOnItsOwn() {
        var a = Cli.write(folder, "a", "Aa\n\nb a\n").toString();
        var b = Cli.write(folder, "b", "b").toString();

        assertThat(lines("grep", "a", a, b)).containsExactly(a + ":a 2", b + ":a 0");
        assertThat(lines("grep", "--by-line", "-i", "-e", "a", "-e", "b", a))
                .containsExactly("1:a 2", "3:a 1", "3:b 1");
        assertThat(lines("grep", "--by-line", "--json", "b", a))
                .containsExactly(
                        "[{\"file\": \"%s\", \"line\": 3, \"word\": \"b\", \"count\": 1}]"
                                .formatted(a));
    }

    @Test
    void readsTheStandardInputWhereNoFileIsNamed() {
        var standard = System.in;
        try {
            for (var args : List.of(new String[] {"grep", "é"}, new String[] {"grep", "é", "-"})) {
                System.setIn(new ByteArrayInputStream("été".getBytes(StandardCharsets.UTF_8)));
                assertThat(lines(args)).containsExactly("é 2");
            }
        } finally {
            System.setIn(standard);
        }
    }

    @Test
    void binaryInputIsAnErrorThatSaysSo() throws IOException {
        var file = Files.write(folder.resolve("data"), new byte[] {'a', 0, 'a'}).toString();

        var refused = Cli.run("grep", "a", file);

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err())
                .isEqualToIgnoringNewLines(
                        "muster: %s is binary: it has NUL bytes; to read it all the same, give -a"
                                .formatted(file));
        assertThat(lines("grep", "-a", "a", file)).containsExactly("a 2");
    }

    @Test
    void severalWordsWithoutTheirOptionAreExplained() {
        var outcome = Cli.run("grep", "love", "hate", NOVEL);

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("there is no file hate", "give each with -e");
    }
}
