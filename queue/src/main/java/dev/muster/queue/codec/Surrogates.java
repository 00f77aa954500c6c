package dev.muster.queue.codec;

/// Half characters, which JSON can escape and UTF-8 cannot hold.
final class Surrogates {
    private Surrogates() {}

    /// The text itself.
    ///
    /// @throws EncodeException when it has a surrogate without its other half
    static String checked(String text) {
        for (var index = 0; index < text.length(); index++) {
            var letter = text.charAt(index);
            if (Character.isSurrogate(letter)) {
                var isPair =
                        Character.isHighSurrogate(letter)
                                && index + 1 < text.length()
                                && Character.isLowSurrogate(text.charAt(index + 1));
                if (!isPair) {
                    throw new EncodeException(
                            "a text with half a surrogate pair at %d cannot be written as UTF-8"
                                    .formatted(index));
                }
                index++;
            }
        }
        return text;
    }
}
