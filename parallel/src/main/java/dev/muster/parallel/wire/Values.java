package dev.muster.parallel.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Makes bytes of values, and values of bytes. Thread-safe.
///
/// Numbers, texts and small byte arrays have a short form of their own; all else is in the form of
/// Java's serialisation, behind a [TypeFilter]. Byte arrays from 64 KB and all byte buffers, also
/// inside of other objects, go to a file that both sides share, when there is a folder for it: they
/// are copied once, and a buffer is read where it lies.
public final class Values {
    /// From here on a file is cheaper than a copy into the stream and one out of it.
    private static final int LARGE = 64 * 1024;

    private static final byte NULL = 0;
    private static final byte FALSE = 1;
    private static final byte TRUE = 2;
    private static final byte INTEGER = 3;
    private static final byte LONG = 4;
    private static final byte DOUBLE = 5;
    private static final byte LATIN_TEXT = 6;
    private static final byte TEXT = 7;
    private static final byte BYTES = 8;
    private static final byte SERIALIZED = 9;

    private final ClassLoader loader;
    private final TypeFilter filter;
    private final @Nullable Path folder;

    /// @param loader finds the classes of values that are unpacked
    /// @param filter what is allowed to be made of bytes
    /// @param folder for large parts; null when the other side cannot read files of this one
    public Values(ClassLoader loader, TypeFilter filter, @Nullable Path folder) {
        this.loader = loader;
        this.filter = filter;
        this.folder = folder;
    }

    /// The same without files: all is in the body.
    public Values whole() {
        return folder == null ? this : new Values(loader, filter, null);
    }

    /// @throws NotSerializableException when a part of the value cannot be made bytes; the message
    ///   says which
    /// @throws IOException when a file for large parts cannot be written
    public Packed pack(@Nullable Object value) throws IOException {
        var sink = new ByteSink(64);
        try (var large = new LargeParts.Writer(folder)) {
            write(value, sink, large);
            return new Packed(sink.toByteArray(), large.finish());
        }
    }

    private static void write(@Nullable Object value, ByteSink sink, LargeParts.Writer large)
            throws IOException {
        switch (value) {
            case null -> sink.write(NULL);
            case Boolean truth -> sink.write(truth ? TRUE : FALSE);
            case Integer number -> {
                sink.write(INTEGER);
                sink.writeInt(number);
            }
            case Long number -> {
                sink.write(LONG);
                sink.writeLong(number);
            }
            case Double number -> {
                sink.write(DOUBLE);
                sink.writeLong(Double.doubleToRawLongBits(number));
            }
            case String text -> {
                var latin = isLatin(text);
                sink.write(latin ? LATIN_TEXT : TEXT);
                // Unlike UTF-8, these two lose no half of a surrogate pair.
                sink.write(text.getBytes(latin ? ISO_8859_1 : UTF_16BE));
            }
            case byte[] bytes when bytes.length < LARGE || !large.isPossible() -> {
                sink.write(BYTES);
                sink.write(bytes);
            }
            default -> {
                sink.write(SERIALIZED);
                try (var stream = new Serializer(sink, large)) {
                    stream.writeObject(value);
                } catch (NotSerializableException e) {
                    throw Unserializable.explain(value, e);
                }
            }
        }
    }

    private static boolean isLatin(String text) {
        return text.chars().allMatch(c -> c <= 0xFF);
    }

    /// @throws InvalidClassException when it holds a class that is not allowed
    /// @throws ClassNotFoundException when it holds one that is not known here
    /// @throws IOException when the bytes make no value
    public @Nullable Object unpack(Packed packed) throws IOException, ClassNotFoundException {
        var body = packed.body();
        if (body.length == 0) {
            throw new StreamCorruptedException("a value without bytes");
        }
        var buffer = ByteBuffer.wrap(body, 1, body.length - 1);
        return switch (body[0]) {
            case NULL -> null;
            case FALSE -> false;
            case TRUE -> true;
            case INTEGER -> sized(buffer, Integer.BYTES).getInt();
            case LONG -> sized(buffer, Long.BYTES).getLong();
            case DOUBLE -> Double.longBitsToDouble(sized(buffer, Long.BYTES).getLong());
            case LATIN_TEXT -> new String(body, 1, body.length - 1, ISO_8859_1);
            case TEXT -> new String(body, 1, body.length - 1, UTF_16BE);
            case BYTES -> {
                var bytes = new byte[body.length - 1];
                buffer.get(bytes);
                yield bytes;
            }
            case SERIALIZED -> {
                var source = new ByteArrayInputStream(body, 1, body.length - 1);
                try (var stream = new Deserializer(source, LargeParts.open(packed.file()))) {
                    yield stream.readObject();
                }
            }
            default -> throw new StreamCorruptedException("no value begins with " + body[0]);
        };
    }

    private static ByteBuffer sized(ByteBuffer buffer, int size) throws StreamCorruptedException {
        if (buffer.remaining() != size) {
            throw new StreamCorruptedException(
                    "a number of %d bytes, where %d were expected"
                            .formatted(buffer.remaining(), size));
        }
        return buffer;
    }

    /// Stands for what is not in the stream.
    ///
    /// @param isArray whether it was an array or a buffer
    record LargePart(long offset, long size, boolean isArray) implements Serializable {}

    private static final class Serializer extends ObjectOutputStream {
        private final LargeParts.Writer large;

        Serializer(OutputStream target, LargeParts.Writer large) throws IOException {
            super(target);
            this.large = large;
            enableReplaceObject(true);
        }

        @Override
        protected Object replaceObject(Object value) throws IOException {
            return switch (value) {
                case byte[] bytes when bytes.length >= LARGE && large.isPossible() ->
                        new LargePart(large.write(ByteBuffer.wrap(bytes)), bytes.length, true);
                case ByteBuffer buffer -> {
                    var content = buffer.duplicate();
                    if (large.isPossible()) {
                        var size = content.remaining();
                        yield new LargePart(large.write(content), size, false);
                    }
                    var bytes = new byte[content.remaining()];
                    content.get(bytes);
                    yield new SmallBuffer(bytes);
                }
                default -> value;
            };
        }
    }

    /// Stands for a buffer, which is not serializable, where no file is shared.
    record SmallBuffer(byte[] bytes) implements Serializable {}

    private final class Deserializer extends ObjectInputStream {
        private final LargeParts large;

        Deserializer(InputStream source, LargeParts large) throws IOException {
            super(source);
            this.large = large;
            enableResolveObject(true);
            setObjectInputFilter(info ->
                    info.serialClass() == LargePart.class || info.serialClass() == SmallBuffer.class
                            ? ObjectInputFilter.Status.ALLOWED
                            : filter.checkInput(info));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass described)
                throws IOException, ClassNotFoundException {
            try {
                return Class.forName(described.getName(), false, loader);
            } catch (ClassNotFoundException _) {
                return super.resolveClass(described); // knows the primitive types, and ours
            }
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws IOException {
            throw new InvalidClassException(
                    "proxies are not taken: " + String.join(", ", interfaces));
        }

        @Override
        protected Object resolveObject(Object value) throws IOException {
            return switch (value) {
                case LargePart part -> large.read(part);
                case SmallBuffer(var bytes) -> ByteBuffer.wrap(bytes);
                default -> value;
            };
        }
    }
}
