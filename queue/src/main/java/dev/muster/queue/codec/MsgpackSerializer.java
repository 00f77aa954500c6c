package dev.muster.queue.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.CodingErrorAction;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessagePacker;
import org.msgpack.core.MessageUnpacker;

/// MessagePack bodies: strings as str, bytes as bin. Dates, decimals and UUIDs are written as
/// strings, because kombu has no form for them here.
///
/// What a header claims is never believed: nothing is allocated for more elements than there are
/// bytes left.
final class MsgpackSerializer implements Serializer {
    private static final MessagePack.UnpackerConfig STRICT =
            new MessagePack.UnpackerConfig()
                    .withActionOnMalformedString(CodingErrorAction.REPORT)
                    .withActionOnUnmappableString(CodingErrorAction.REPORT);
    private static final int MAX_INTEGER_BITS = 64;

    /// A list grows as its items are read; a nested one could otherwise claim the rest of the
    /// message at every level.
    private static final int LARGEST_INITIAL_CAPACITY = 1024;

    private static final byte TIMESTAMP = -1;

    @Override
    public String name() {
        return "msgpack";
    }

    @Override
    public String contentType() {
        return "application/x-msgpack";
    }

    @Override
    public String contentEncoding() {
        return "binary";
    }

    @Override
    public byte[] encode(@Nullable Object value) {
        try (var packer = MessagePack.newDefaultBufferPacker()) {
            pack(packer, value, 0);
            return packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
    }

    private static void pack(MessagePacker packer, @Nullable Object value, int depth)
            throws IOException {
        switch (value) {
            case null -> packer.packNil();
            case String text -> packer.packString(Surrogates.checked(text));
            case Boolean flag -> packer.packBoolean(flag);
            case Integer number -> packer.packInt(number);
            case Long number -> packer.packLong(number);
            case Double number -> packer.packDouble(number);
            case BigInteger number -> packInteger(packer, number);
            case byte[] bytes -> packer.packBinaryHeader(bytes.length).addPayload(bytes);
            case Map<?, ?> map -> packMap(packer, map, depth);
            case Collection<?> items -> packList(packer, items, depth);
            default -> {
                var bare = TypedValue.bareText(value);
                pack(packer, bare == null ? Plain.top(value) : bare, depth);
            }
        }
    }

    private static void packMap(MessagePacker packer, Map<?, ?> map, int depth) throws IOException {
        Plain.checkDepth(depth);
        packer.packMapHeader(map.size());
        for (var entry : map.entrySet()) {
            packer.packString(Surrogates.checked(Plain.key(entry.getKey())));
            pack(packer, entry.getValue(), depth + 1);
        }
    }

    private static void packList(MessagePacker packer, Collection<?> items, int depth)
            throws IOException {
        Plain.checkDepth(depth);
        packer.packArrayHeader(items.size());
        for (var item : items) {
            pack(packer, item, depth + 1);
        }
    }

    private static void packInteger(MessagePacker packer, BigInteger number) throws IOException {
        var fits =
                number.signum() < 0
                        ? number.bitLength() < MAX_INTEGER_BITS
                        : number.bitLength() <= MAX_INTEGER_BITS;
        if (!fits) {
            throw new EncodeException(
                    "a whole number of %d bits cannot be written as msgpack, which has 64; send it as a text"
                            .formatted(number.bitLength()));
        }
        packer.packBigInteger(number);
    }

    @Override
    public @Nullable Object decode(byte[] body) {
        try (var unpacker = STRICT.newUnpacker(body)) {
            var value = new Decoder(unpacker, body.length).value(0);
            if (unpacker.getTotalReadBytes() != body.length) {
                throw new DecodeException("not msgpack: more bytes follow the value");
            }
            return value;
        } catch (IOException | MessagePackException e) {
            throw new DecodeException("not msgpack, or cut short", e);
        }
    }

    /// @param length of the whole body
    private record Decoder(MessageUnpacker unpacker, int length) {
        private @Nullable Object value(int depth) throws IOException {
            if (depth > Plain.MAX_DEPTH) {
                throw new DecodeException(
                        "msgpack nested deeper than %d levels".formatted(Plain.MAX_DEPTH));
            }
            var format = unpacker.getNextFormat();
            return switch (format.getValueType()) {
                case NIL -> {
                    unpacker.unpackNil();
                    yield null;
                }
                case BOOLEAN -> unpacker.unpackBoolean();
                case INTEGER ->
                        format == MessageFormat.UINT64
                                ? integer(unpacker.unpackBigInteger())
                                : (Object) unpacker.unpackLong();
                case FLOAT -> unpacker.unpackDouble();
                case STRING -> unpacker.unpackString();
                case BINARY -> unpacker.readPayload(claim(unpacker.unpackBinaryHeader()));
                case ARRAY -> list(depth);
                case MAP -> map(depth);
                case EXTENSION -> extension();
            };
        }

        private static Object integer(BigInteger number) {
            return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
        }

        private List<@Nullable Object> list(int depth) throws IOException {
            var size = claim(unpacker.unpackArrayHeader());
            var list = new ArrayList<@Nullable Object>(Math.min(size, LARGEST_INITIAL_CAPACITY));
            for (var index = 0; index < size; index++) {
                list.add(value(depth + 1));
            }
            return list;
        }

        private Map<String, @Nullable Object> map(int depth) throws IOException {
            var size = claim(unpacker.unpackMapHeader());
            var map = new LinkedHashMap<String, @Nullable Object>();
            for (var index = 0; index < size; index++) {
                var key = value(depth + 1);
                if (key instanceof Map || key instanceof Collection || key instanceof byte[]) {
                    throw new DecodeException("a msgpack map with a key that is no single value");
                }
                map.put(Plain.key(key), value(depth + 1));
            }
            return map;
        }

        private Object extension() throws IOException {
            var header = unpacker.unpackExtensionTypeHeader();
            if (header.getType() != TIMESTAMP) {
                throw new DecodeException(
                        "unknown msgpack extension type %d".formatted(header.getType()));
            }
            try {
                return unpacker.unpackTimestamp(header).atOffset(ZoneOffset.UTC);
            } catch (DateTimeException | ArithmeticException e) {
                throw new DecodeException("a msgpack timestamp out of range", e);
            }
        }

        /// A size that a header claims, when as many bytes are left.
        private int claim(int size) {
            if (size > length - unpacker.getTotalReadBytes()) {
                throw new DecodeException("not msgpack, or cut short");
            }
            return size;
        }
    }
}
