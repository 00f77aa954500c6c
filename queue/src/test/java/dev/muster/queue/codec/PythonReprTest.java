package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PythonReprTest {
    @Test
    void printsArgumentsAsATuple() {
        assertThat(PythonRepr.args(List.of())).isEqualTo("()");
        assertThat(PythonRepr.args(List.of(1))).isEqualTo("(1,)");
        assertThat(PythonRepr.args(Arrays.asList(1, "a", null, true)))
                .isEqualTo("(1, 'a', None, True)");
    }

    @Test
    void printsKeywordArgumentsAsADict() {
        var kwargs = new LinkedHashMap<String, @Nullable Object>();
        kwargs.put("k", List.of(1L, 2.0));
        kwargs.put("it's", null);

        assertThat(PythonRepr.kwargs(Map.of())).isEqualTo("{}");
        assertThat(PythonRepr.kwargs(kwargs)).isEqualTo("{'k': [1, 2.0], \"it's\": None}");
    }

    @Test
    void choosesQuotesAndEscapesLikePython() {
        assertThat(PythonRepr.value("it's")).isEqualTo("\"it's\"");
        assertThat(PythonRepr.value("it's \"it\"")).isEqualTo("'it\\'s \"it\"'");
        assertThat(PythonRepr.value("\\\n\t\u0000\u00e9\u00ad\u2028\ud83d\ude00\ud800"))
                .isEqualTo("'\\\\\\n\\t\\x00\u00e9\\xad\\u2028\ud83d\ude00\\ud800'");
        assertThat(PythonRepr.value(new byte[] {'a', '\'', 0, -1})).isEqualTo("b\"a'\\x00\\xff\"");
    }

    @Test
    void printsNumbersLikePython() {
        assertThat(
                        PythonRepr.value(
                                List.of(1e16, 0.1, Double.NaN, -1.0 / 0, BigInteger.TEN.pow(30))))
                .isEqualTo("[1e+16, 0.1, nan, -inf, 1000000000000000000000000000000]");
    }

    @Test
    void printsTimesAsText() {
        assertThat(PythonRepr.value(Instant.EPOCH)).isEqualTo("'1970-01-01T00:00:00+00:00'");
        assertThat(PythonRepr.value(LocalDate.of(2026, 1, 2))).isEqualTo("'2026-01-02'");
        assertThat(PythonRepr.value(LocalDate.of(12026, 1, 2))).isEqualTo("'+12026-01-02'");
        assertThat(PythonRepr.value(Instant.MAX)).isNotEmpty();
    }

    @Test
    void cutsWhatIsTooLong() {
        assertThat(PythonRepr.of("x".repeat(100), 10)).isEqualTo("'xxxxxx...");
        assertThat(PythonRepr.of("x".repeat(8), 10)).isEqualTo("'xxxxxxxx'");
        assertThat(PythonRepr.args(List.of("x".repeat(1_000_000)))).hasSize(1024).endsWith("...");
        assertThat(PythonRepr.of("aaaaa\ud83d\ude00zzzzzzz", 10)).isEqualTo("'aaaaa...");
    }

    @Test
    void survivesAListThatContainsItself() {
        var loop = new ArrayList<Object>();
        loop.add(loop);

        assertThat(PythonRepr.of(loop, 10)).isEqualTo("[[[[[[[...");
        assertThat(PythonRepr.of(loop, 10_000)).contains("[...]");
    }
}
