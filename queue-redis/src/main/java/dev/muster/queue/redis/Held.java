package dev.muster.queue.redis;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import java.util.Arrays;

/// An entry of `unacked`, the JSON array `[envelope, exchange, routing key]`.
///
/// It is cut at its end, not parsed: so even an envelope that our JSON reader refuses gets back
/// into its queue unharmed.
record Held(byte[] envelope, String exchange, String routingKey) {
    private static final Json JSON = new Json(true);

    /// @throws DecodeException when it is something else
    static Held read(byte[] text) {
        var end = skipSpace(text, text.length - 1);
        expect(text, end, ']');
        var keyEnd = skipSpace(text, end - 1);
        var keyStart = openingQuote(text, keyEnd);
        var comma = skipSpace(text, keyStart - 1);
        expect(text, comma, ',');
        var exchangeEnd = skipSpace(text, comma - 1);
        var exchangeStart = openingQuote(text, exchangeEnd);
        var firstComma = skipSpace(text, exchangeStart - 1);
        expect(text, firstComma, ',');
        expect(text, 0, '[');
        return new Held(
                Arrays.copyOfRange(text, 1, firstComma),
                string(text, exchangeStart, exchangeEnd),
                string(text, keyStart, keyEnd));
    }

    private static int skipSpace(byte[] text, int from) {
        var at = from;
        while (at >= 0
                && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at--;
        }
        return at;
    }

    /// Where the string starts that ends at `end`: at the next quote to the left that no odd number
    /// of backslashes escapes.
    private static int openingQuote(byte[] text, int end) {
        expect(text, end, '"');
        for (var at = end - 1; at >= 0; at--) {
            if (text[at] == '"') {
                var backslashes = 0;
                while (at - backslashes > 0 && text[at - backslashes - 1] == '\\') {
                    backslashes++;
                }
                if (backslashes % 2 == 0) {
                    return at;
                }
            }
        }
        throw new DecodeException("a string without beginning");
    }

    private static void expect(byte[] text, int at, char letter) {
        if (at < 0 || at >= text.length || text[at] != letter) {
            throw new DecodeException("expected [envelope, exchange, routing key]");
        }
    }

    private static String string(byte[] text, int start, int end) {
        return String.valueOf(JSON.read(Arrays.copyOfRange(text, start, end + 1)));
    }
}
