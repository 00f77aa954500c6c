package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.ForeignSetting;
import dev.muster.queue.spi.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DocsTest {
    /// The first column of a table, and the last.
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|(?:.*\\|)? (.*) \\|$");

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
        var foreign = guide.text().indexOf("## Celery's other settings");

        assertThat(rows(guide.text().substring(0, foreign)).keySet())
                .containsExactlyElementsOf(Setting.all().keySet());
        var reasons = new TreeMap<String, String>();
        ForeignSetting.all().forEach((name, setting) -> reasons.put(name, setting.reason()));
        assertThat(rows(guide.text().substring(foreign))).isEqualTo(reasons);
    }

    /// The last column of the tables, by the first.
    private static Map<String, String> rows(String text) {
        var rows = new TreeMap<String, String>();
        ROW.matcher(text).results().forEach(found -> rows.put(found.group(1), found.group(2)));
        return rows;
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
