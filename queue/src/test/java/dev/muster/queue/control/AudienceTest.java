package dev.muster.queue.control;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudienceTest {
    private static final String NODE =
            "worker-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@host";

    /// As `fnmatch.fnmatchcase` of Python 3.11 answers.
    @ParameterizedTest
    @CsvSource({
        "w*@h, web@h, true",
        "w*@h, web@host, false",
        "*, web, true",
        "**b, web, true",
        "w?b, web, true",
        "w?b, wb, false",
        "w[a-e]b, web, true",
        "w[!a-e]b, web, false",
        "w[!x]b, web, true",
        "w[]e]b, web, true",
        "w[!]]b, web, true",
        "w[e, w[e, true",
        "w[e-]b, w-b, true",
        "w[a&&e]b, w&b, true",
        "w.b, web, false",
        "W*, web, false",
        "'', web, false",
        "*a*b, xaxb, true",
        "*a*b, xaxbx, false",
    })
    void aGlobMatchesAsInPython(String glob, String node, boolean matches) {
        assertThat(new Command.Audience.Like(glob).includes(node)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "web, web1@h, true",
        "eb, web1@h, false",
        "web\\d@, web1@h, true",
        "(?P<name>w).*@h$, web1@h, true",
        "(w)\\1, ww, false",
        "(, web, false",
    })
    void aRegexMatchesTheBeginning(String regex, String node, boolean matches) {
        assertThat(new Command.Audience.Matching(regex).includes(node)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(.*)*x",
                "worker-(a|a)*$",
                "worker-(a|aa)+b",
                "(?:(?:){2147483647}){2147483647}",
                "((((a{1000}){1000}){1000}){1000})",
                "(((((a{9}){9}){9}){9}){9})",
                "(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)(?:|)$",
                "[[:bogus:]]",
                "\\p{Nonsense}",
                "(?z)",
                "*",
                "a{99999999999999}",
            })
    void noRegexTakesLong(String regex) {
        assertThat(
                        assertTimeoutPreemptively(
                                ofSeconds(20),
                                () -> new Command.Audience.Matching(regex).includes(NODE)))
                .isIn(true, false);
    }

    @Test
    void neitherALongRegexNorADeepOneIsLookedAt() {
        for (var regex : List.of("a".repeat(100_000), "(".repeat(100_000) + ")".repeat(100_000))) {
            assertThat(new Command.Audience.Matching(regex).includes(NODE)).isFalse();
        }
        assertThat(new Command.Audience.Matching("(".repeat(240) + ")".repeat(240)).includes(NODE))
                .isTrue();
    }

    @Test
    void noGlobTakesLong() {
        var glob = "*a".repeat(10_000) + "*b";

        assertThat(
                        assertTimeoutPreemptively(
                                ofSeconds(20),
                                () -> new Command.Audience.Like(glob).includes(NODE)))
                .isFalse();
    }
}
