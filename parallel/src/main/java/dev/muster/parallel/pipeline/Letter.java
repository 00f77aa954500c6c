package dev.muster.parallel.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A character of a word that is looked for, in all the ways in which it may be written.
///
/// @param spellings each in UTF-8; no one is the beginning or the end of another
record Letter(List<byte[]> spellings) {
    /// The characters that are the same as one of Latin-1. They are few and looked for often, so
    /// they do not wait for a search through all that there are.
    private static final class LatinCases {
        private static final int LAST = 0xff;

        /// With the Kelvin sign and the sign for angstrom.
        private static final String BEYOND = "İıſŸΜμẞ\u212a\u212b";

        private static final Map<Integer, List<Integer>> SAME =
                same(IntStream.concat(IntStream.rangeClosed(0, LAST), BEYOND.chars()));
    }

    private static final class Cases {
        /// No character beyond has an upper or a lower case.
        private static final int LAST = 0x1ffff;

        private static final Map<Integer, List<Integer>> SAME =
                same(IntStream.rangeClosed(0, LAST));
    }

    /// Those that have an upper or a lower case, by what they have in common.
    private static Map<Integer, List<Integer>> same(IntStream characters) {
        return characters
                .filter(c -> Character.toUpperCase(c) != c || Character.toLowerCase(c) != c)
                .boxed()
                // The sharp s is the lower case of a capital one, but has no upper case.
                .flatMap(c -> Stream.of(c, fold(c)))
                .distinct()
                .collect(Collectors.groupingBy(Letter::fold));
    }

    static List<Letter> exactly(String word) {
        return word.codePoints().mapToObj(c -> new Letter(List.of(utf8(c)))).toList();
    }

    /// Characters are the same as for [String#equalsIgnoreCase]: when their upper case has the same
    /// lower case.
    static List<Letter> ignoringCase(String word) {
        return word.codePoints()
                .mapToObj(Letter::same)
                .map(same -> new Letter(same.stream().map(Letter::utf8).toList()))
                .toList();
    }

    private static List<Integer> same(int character) {
        var cases = character <= LatinCases.LAST ? LatinCases.SAME : Cases.SAME;
        return cases.getOrDefault(fold(character), List.of(character));
    }

    private static int fold(int character) {
        return Character.toLowerCase(Character.toUpperCase(character));
    }

    private static byte[] utf8(int character) {
        return Character.toString(character).getBytes(StandardCharsets.UTF_8);
    }

    /// Whether all spellings have the same number of bytes.
    boolean isOfOneLength() {
        return spellings.stream().allMatch(spelling -> spelling.length == length());
    }

    /// Of its first spelling, in bytes.
    int length() {
        return spellings.getFirst().length;
    }

    /// The length of the spelling that begins here; 0 when there is none.
    int lengthAt(byte[] bytes, int at, int to) {
        for (var spelling : spellings) {
            if (at + spelling.length <= to && stands(spelling, bytes, at)) {
                return spelling.length;
            }
        }
        return 0;
    }

    /// The length of the spelling that ends here; 0 when there is none.
    int lengthBefore(byte[] bytes, int from, int end) {
        for (var spelling : spellings) {
            if (end - spelling.length >= from && stands(spelling, bytes, end - spelling.length)) {
                return spelling.length;
            }
        }
        return 0;
    }

    private static boolean stands(byte[] spelling, byte[] bytes, int at) {
        for (var i = 0; i < spelling.length; i++) {
            if (bytes[at + i] != spelling[i]) {
                return false;
            }
        }
        return true;
    }
}
