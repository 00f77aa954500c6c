package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeededTest {
    @Test
    void checksAsManyValuesAsAsked() {
        var seen = new ArrayList<Long>();

        Seeded.forAll(123, Generators.longs(), seen::add);

        assertThat(seen).hasSize(123);
        assertThat(new HashSet<>(seen)).hasSizeGreaterThan(60);
    }

    @Test
    void theFailureTellsTheSeedThatRepeatsIt() {
        var failed = new ArrayList<Integer>();
        var failure =
                catchThrowable(() ->
                        Seeded.forAll(
                                Generators.ints(),
                                number -> {
                                    failed.add(number);
                                    assertThat(number).isLessThan(1_000_000);
                                }));
        assertThat(failure).hasMessageContaining("1000000");
        var seed =
                Long.parseLong(
                        String.valueOf(failure.getMessage())
                                .replaceAll("(?s).*-Dseeded\\.seed=(-?\\d+).*", "$1"));

        var random = new Random(seed);
        var repeated = new ArrayList<Integer>();
        for (var number = 0; number < failed.size(); number++) {
            repeated.add(Generators.ints().generate(random));
        }

        assertThat(repeated).isEqualTo(failed);
    }

    @Test
    void shrinksTextAndListsToWhatMatters() {
        assertThat(
                        catchThrowable(() ->
                                Seeded.forAll(
                                        Generators.strings(),
                                        text -> assertThat(text).doesNotContain("\""))))
                .hasMessageContaining("<\">");
        assertThat(
                        catchThrowable(() ->
                                Seeded.forAll(
                                        Generators.lists(Generators.strings()),
                                        list -> assertThat(list).hasSizeLessThan(2))))
                .hasMessageContaining("<[, ]>");
    }

    @Test
    void shrinksNestedValuesToWhatMatters() {
        var failure =
                catchThrowable(() ->
                        Seeded.forAll(
                                10_000,
                                Generators.values(),
                                value -> assertThat(containsFalse(value)).isFalse()));

        assertThat(failure).hasMessageContaining("<false> of type java.lang.Boolean");
    }

    private static boolean containsFalse(@Nullable Object value) {
        return switch (value) {
            case Boolean flag -> !flag;
            case List<?> list -> list.stream().anyMatch(SeededTest::containsFalse);
            case Map<?, ?> map -> map.values().stream().anyMatch(SeededTest::containsFalse);
            case null, default -> false;
        };
    }

    @Test
    void valuesAreOfEveryKind() {
        var kinds = new HashSet<@Nullable Class<?>>();

        Seeded.forAll(
                5_000,
                Generators.values(),
                value -> {
                    if (value instanceof BigInteger number) {
                        assertThat(number.bitLength()).isGreaterThan(63);
                    }
                    if (value instanceof Double number) {
                        assertThat(number).isFinite();
                    }
                    kinds.add(value == null ? null : value.getClass());
                });

        assertThat(kinds)
                .hasSize(8)
                .containsAll(
                        Set.of(
                                Boolean.class,
                                Long.class,
                                BigInteger.class,
                                Double.class,
                                String.class));
    }

    @Test
    void onlyTheOneKindOfTextHasLoneSurrogates() {
        Seeded.forAll(Generators.strings(), text -> assertThat(isValid(text)).as(text).isTrue());
        assertThat(
                        catchThrowable(() ->
                                Seeded.forAll(
                                        Generators.stringsWithLoneSurrogates(),
                                        text -> assertThat(isValid(text)).isTrue())))
                .hasMessageMatching("(?s)fails for the value <\\\\ud[89a-f][0-9a-f]{2}> .*");
    }

    private static boolean isValid(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }
}
