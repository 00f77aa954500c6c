package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DocsTest {
    /// The first column of a table.
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|");

    @TempDir private Path folder;

    static List<Guide> guides() {
        return Guide.all();
    }

    @ParameterizedTest
    @MethodSource("guides")
    void theJavaOfAGuideCompiles(Guide guide) {
        assertThat(Snippets.compile(guide, folder)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("guides")
    void linksBetweenTheGuidesLeadSomewhere(Guide guide) {
        assertThat(guide.links()).allMatch(guide::leadsSomewhere);
    }

    @Test
    void theGuideOfTheSettingsHasThemAllAndNoOthers() {
        var guide = Guide.read(Guide.ROOT.resolve("docs/settings.md"));
        var described = new TreeSet<String>();
        ROW.matcher(guide.text()).results().forEach(found -> described.add(found.group(1)));

        assertThat(described).containsExactlyElementsOf(Setting.all().keySet());
    }

    @Test
    void javaThatDoesNotCompileIsFound() {
        var guide =
                new Guide(
                        Guide.ROOT.resolve("README.md"),
                        """
                        Words.

                        ```java
                        Result<String> lost = muster.sendd(call("a.b"));
                        ```
                        """);

        assertThat(Snippets.compile(guide, folder))
                .singleElement()
                .asString()
                .contains("README.md, block in line 4", "sendd");
    }
}
