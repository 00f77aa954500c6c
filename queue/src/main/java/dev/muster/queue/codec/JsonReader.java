package dev.muster.queue.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// Reads JSON into the plain tree, with bounds on what a hostile text can cost. Thread-safe.
final class JsonReader {
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080808080808080L;

    /// `NaN` and `Infinity` are what Python writes for such floats. The length of strings and names
    /// is bounded by that of the message.
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Plain.MAX_DEPTH)
                                    .maxNumberLength(Scalars.MAX_DIGITS)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private JsonReader() {}

    static @Nullable Object read(byte[] text) {
        if (isAscii(text)) {
            for (var letter : text) {
                if (letter == 0) {
                    throw new DecodeException("not JSON: it contains a NUL byte");
                }
            }
            return document(FACTORY.createParser(ObjectReadContext.empty(), text, 0, text.length));
        }
        try {
            // Checked first, because the parser lets overlong forms and surrogates pass.
            var decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return document(
                    FACTORY.createParser(
                            ObjectReadContext.empty(),
                            decoded.array(),
                            decoded.arrayOffset() + decoded.position(),
                            decoded.remaining()));
        } catch (CharacterCodingException e) {
            throw new DecodeException("not JSON: it is not valid UTF-8", e);
        }
    }

    static @Nullable Object read(String text) {
        return document(FACTORY.createParser(ObjectReadContext.empty(), text));
    }

    private static boolean isAscii(byte[] text) {
        var index = 0;
        for (; index <= text.length - Long.BYTES; index += Long.BYTES) {
            if (((long) EIGHT_BYTES.get(text, index) & HIGH_BITS) != 0) {
                return false;
            }
        }
        for (; index < text.length; index++) {
            if (text[index] < 0) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Object document(JsonParser parser) {
        try (parser) {
            if (parser.nextToken() == null) {
                throw new DecodeException("not JSON: it is empty");
            }
            var value = value(parser, true);
            if (parser.nextToken() != null) {
                throw new DecodeException(
                        "not JSON: more text follows the value, at character " + position(parser));
            }
            return value;
        } catch (StreamConstraintsException e) {
            throw new DecodeException("JSON beyond the limits: " + e.getOriginalMessage(), e);
        } catch (JacksonException e) {
            throw new DecodeException("not JSON: malformed at character " + position(parser), e);
        }
    }

    private static long position(JsonParser parser) {
        var location = parser.currentLocation();
        return Math.max(location.getByteOffset(), location.getCharOffset());
    }

    /// The value whose first token is current; its last one is when this returns.
    ///
    /// @param typed whether maps that stand for a typed value become that value
    static @Nullable Object value(JsonParser parser, boolean typed) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var map = map(parser, typed);
                yield typed && TypedValue.isTyped(map) ? TypedValue.decode(map) : map;
            }
            case START_ARRAY -> list(parser, typed);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_EMBEDDED_OBJECT -> Plain.top(parser.getEmbeddedObject());
            default -> throw new DecodeException("not JSON: a value is missing");
        };
    }

    private static Object integer(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> parser.getBigIntegerValue();
        };
    }

    private static Map<String, @Nullable Object> map(JsonParser parser, boolean typed) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (var name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            map.put(name, value(parser, typed));
        }
        return map;
    }

    private static List<@Nullable Object> list(JsonParser parser, boolean typed) {
        var list = new ArrayList<@Nullable Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(parser, typed));
        }
        return list;
    }
}
