package dev.muster.parallel.pipeline;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A word, or any other piece of a line, that can be looked for in a [Text]. Immutable.
///
/// Implementation note. The longest run of letters that always take the same number of bytes is the
/// anchor; of its bytes, the two that are rarest in texts are looked for, at their distance, in
/// eight places at once: a `long` loaded at each of the two offsets is compared with the byte
/// repeated eight times, after the bits in which upper and lower case differ were set in both.
/// Where both agree, the first eight bytes of the anchor are compared the same way, as frequent
/// pairs stand in many words; where these agree, the letters are compared one by one from the
/// anchor to both ends, which is where `K` (one byte) may also be the Kelvin sign (three). It is
/// the packed-pair search known from `memchr` libraries, with general registers in the place of
/// vectors. A word without an anchor is looked for at each byte that can begin it.
public final class Word {
    /// Bytes of texts, the most frequent first; a rough order is enough. Bytes that are not in it
    /// are rarer, but for the first bytes of characters beyond ASCII: all of a script may begin
    /// with one.
    private static final String FREQUENT = " etaoinshrdlucmfwygpb,.vk-\"'jxqz";

    private final String word;
    private final List<Letter> letters;
    private final int anchor;
    private final int anchorEnd;
    private final int anchorLength;
    private final int offsetA;
    private final long maskA;
    private final long valueA;
    private final int offsetB;
    private final long maskB;
    private final long valueB;
    private final long firstMask;
    private final long firstValue;
    private final int unusedBits; // those of a long that are beyond the anchor
    private final boolean[] beginnings = new boolean[256];

    private Word(String word, List<Letter> letters) {
        if (word.isEmpty() || word.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(
                    "a word has at least one character, and all on one line; it was '%s'"
                            .formatted(word));
        }
        this.word = word;
        this.letters = letters;
        var best = 0;
        var bestEnd = 0;
        for (var from = 0; from < letters.size(); from++) {
            var end = from;
            while (end < letters.size() && letters.get(end).isOfOneLength()) {
                end++;
            }
            if (end - from > bestEnd - best) {
                best = from;
                bestEnd = end;
            }
        }
        anchor = best;
        anchorEnd = bestEnd;
        var places = letters.subList(anchor, anchorEnd).stream().flatMap(Place::of).toList();
        anchorLength = places.size();
        var rarest =
                IntStream.range(0, anchorLength)
                        .boxed()
                        .sorted(Comparator.comparingInt(place -> places.get(place).frequency()))
                        .limit(2)
                        .toList();
        offsetA = rarest.isEmpty() ? 0 : rarest.getFirst();
        offsetB = rarest.isEmpty() ? 0 : rarest.getLast();
        maskA = rarest.isEmpty() ? 0 : places.get(offsetA).mask();
        maskB = rarest.isEmpty() ? 0 : places.get(offsetB).mask();
        valueA = rarest.isEmpty() ? 0 : places.get(offsetA).value();
        valueB = rarest.isEmpty() ? 0 : places.get(offsetB).value();
        var first = places.subList(0, Math.min(Long.BYTES, anchorLength));
        var mask = 0L;
        var value = 0L;
        for (var place : first.reversed()) {
            mask = (mask << Byte.SIZE) | (place.mask() & 0xff);
            value = (value << Byte.SIZE) | (place.value() & 0xff);
        }
        firstMask = mask;
        firstValue = value;
        unusedBits = Long.SIZE - first.size() * Byte.SIZE;
        letters.getFirst()
                .spellings()
                .forEach(spelling -> beginnings[Byte.toUnsignedInt(spelling[0])] = true);
    }

    /// A byte of the anchor.
    ///
    /// @param mask the bits in which its variants differ, repeated
    /// @param value a variant with these bits set, repeated
    private record Place(int frequency, long mask, long value) {
        static Stream<Place> of(Letter letter) {
            return IntStream.range(0, letter.length()).mapToObj(at -> of(letter, at));
        }

        private static Place of(Letter letter, int at) {
            int first = letter.spellings().getFirst()[at];
            var mask = 0;
            var frequency = 0;
            for (var spelling : letter.spellings()) {
                mask |= first ^ spelling[at];
                frequency = Math.max(frequency, frequency(Byte.toUnsignedInt(spelling[at])));
            }
            return new Place(frequency, Swar.repeat(mask), Swar.repeat(first | mask));
        }

        private static int frequency(int b) {
            if (b >= 0xc0) {
                return FREQUENT.length();
            }
            var place = FREQUENT.indexOf(b);
            return place < 0 ? 0 : FREQUENT.length() - place;
        }
    }

    /// The word in just this spelling.
    public static Word of(String word) {
        return new Word(word, Letter.exactly(word));
    }

    /// The word in upper and lower case, also beyond ASCII. Characters are the same when
    /// [String#equalsIgnoreCase] says so.
    public static Word ignoringCase(String word) {
        return new Word(word, Letter.ignoringCase(word));
    }

    /// How often it stands in the text. Occurrences do not overlap: in `aaaa` there are two `aa`.
    public long countIn(Text text) {
        return new Search(text.bytes, text.from, text.to).count();
    }

    /// As it was given.
    @Override
    public String toString() {
        return word;
    }

    private final class Search {
        private final byte[] bytes;
        private final int from;
        private final int to;
        private int free;
        private long found;

        private Search(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
            this.free = from;
        }

        private long count() {
            if (anchorLength == 0) {
                for (var i = from; i < to; i++) {
                    if (beginnings[bytes[i] & 0xff]) {
                        compareAt(i);
                    }
                }
                return found;
            }
            // Where the anchor can stand at last.
            var last = to - anchorLength;
            // Where it can stand so that a long can be read there.
            var lastLong = to - Math.max(anchorLength, Long.BYTES);
            var i = from;
            for (; i <= lastLong - (Long.BYTES - 1); i += Long.BYTES) {
                var marks = Swar.zeroes(differences(i));
                while (marks != 0) {
                    var place = i + Swar.firstByte(marks);
                    if (beginsAt(place)) {
                        compareAt(place);
                    }
                    marks &= marks - 1;
                }
            }
            for (; i <= last; i++) {
                compareAt(i);
            }
            return found;
        }

        private long differences(int i) {
            var a = (long) Swar.LONGS.get(bytes, i + offsetA);
            var b = (long) Swar.LONGS.get(bytes, i + offsetB);
            return ((a | maskA) ^ valueA) | ((b | maskB) ^ valueB);
        }

        private boolean beginsAt(int place) {
            var bytesThere = (long) Swar.LONGS.get(bytes, place);
            return ((bytesThere | firstMask) ^ firstValue) << unusedBits == 0;
        }

        private void compareAt(int place) {
            var end = place;
            for (var i = anchor; i < letters.size(); i++) {
                var length = letters.get(i).lengthAt(bytes, end, to);
                if (length == 0) {
                    return;
                }
                end += length;
            }
            var start = place;
            for (var i = anchor - 1; i >= 0; i--) {
                var length = letters.get(i).lengthBefore(bytes, free, start);
                if (length == 0) {
                    return;
                }
                start -= length;
            }
            if (start >= free) {
                found++;
                free = end;
            }
        }
    }
}
