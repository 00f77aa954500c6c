package dev.muster.parallel.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes bytes of values, and values of bytes. Thread-safe.
///
/// Numbers, texts, lists of them, and small byte arrays have a short form of their own; all else is
/// in the form of Java's serialisation, behind a [TypeFilter]. Byte arrays from 64 KB and all byte
/// buffers, also inside of other objects, go to a file that both sides share, when there is a
/// folder for it: they are copied once, and a buffer is read where it lies. Paths of the system's
/// own files can be sent as well, though Java says that they are not serializable.
public final class Values {
    /// From here on a file is cheaper than a copy into the stream and one out of it.
    private static final int LARGE = 64 * 1024;

    /// No array can have more elements than this for each byte that came: an element is at least
    /// one byte, and hash tables have some room. So a few bytes cannot ask for all of the memory.
    private static final long ELEMENTS_PER_BYTE = 4;

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
    private static final byte LIST = 10;

    /// What stands for others in the stream.
    private static final Set<Class<?>> OWN =
            Set.of(LargePart.class, SmallBuffer.class, PathName.class);

    /// That of all paths of the system, which is no public one.
    private static final Class<?> SYSTEM_PATH = Path.of("").getClass();

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

    /// Packs several values as one.
    ///
    /// @throws NotSerializableException when a part of one cannot be made bytes; the message says
    ///   which, counting the values from 1
    /// @throws IOException when a file for large parts cannot be written
    public Packed packAll(@Nullable Object... values) throws IOException {
        var sink = new ByteSink(64);
        try (var large = new LargeParts.Writer(folder)) {
            for (var index = 0; index < values.length; index++) {
                try {
                    writeMember(values[index], sink, large);
                } catch (NotSerializableException e) {
                    throw Unserializable.inArgument(index + 1, e);
                }
            }
            return new Packed(sink.toByteArray(), large.finish());
        }
    }

    /// Packs what a call has thrown, or where that is not possible, a [SubstituteException].
    public Packed packThrown(Throwable thrown) {
        try {
            return whole().pack(thrown);
        } catch (IOException | RuntimeException _) {
            try {
                return whole().pack(SubstituteException.of(thrown));
            } catch (IOException e) {
                throw new UncheckedIOException(e); // it holds nothing but texts
            }
        }
    }

    /// One of several values, with its length before it.
    private static void writeMember(@Nullable Object value, ByteSink sink, LargeParts.Writer large)
            throws IOException {
        var at = sink.size();
        sink.writeInt(0);
        write(value, sink, large);
        sink.setInt(at, sink.size() - at - Integer.BYTES);
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
                sink.write(latin ? text.getBytes(ISO_8859_1) : characters(text));
            }
            case byte[] bytes when bytes.length < LARGE || !large.isPossible() -> {
                sink.write(BYTES);
                sink.write(bytes);
            }
            case List<?> list when isPlain(list) -> {
                sink.write(LIST);
                for (var member : list) {
                    writeMember(member, sink, large);
                }
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

    /// Results of chunks are such lists. Of other objects a list may hold the same one twice, and
    /// it must arrive as the same one.
    private static boolean isPlain(List<?> list) {
        if (!list.getClass().equals(ArrayList.class)) {
            return false;
        }
        for (var member : list) {
            switch (member) {
                case null -> {}
                case Boolean _, Integer _, Long _, Double _, String _ -> {}
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    /// Two bytes for each. Encoders would replace halves of surrogate pairs.
    private static byte[] characters(String text) {
        var bytes = ByteBuffer.allocate(text.length() * Character.BYTES);
        bytes.asCharBuffer().put(text);
        return bytes.array();
    }

    private static boolean isLatin(String text) {
        // A loop: it is compiled to compare many characters at a time, unlike a stream.
        for (var index = 0; index < text.length(); index++) {
            if (text.charAt(index) > 0xFF) {
                return false;
            }
        }
        return true;
    }

    /// @throws InvalidClassException when it holds a class that is not allowed
    /// @throws ClassNotFoundException when it holds one that is not known here
    /// @throws IOException when the bytes make no value
    public @Nullable Object unpack(Packed packed) throws IOException, ClassNotFoundException {
        var body = packed.body();
        return read(body, 0, body.length, LargeParts.open(packed.file()));
    }

    /// The reverse of [#packAll].
    ///
    /// @throws InvalidClassException when one holds a class that is not allowed
    /// @throws ClassNotFoundException when one holds one that is not known here
    /// @throws IOException when the bytes make no values
    public @Nullable Object[] unpackAll(Packed packed) throws IOException, ClassNotFoundException {
        var body = packed.body();
        return readMembers(body, 0, body.length, LargeParts.open(packed.file()), true).toArray();
    }

    /// @param deep whether they may be more than numbers and texts
    private List<@Nullable Object> readMembers(
            byte[] body, int from, int size, LargeParts large, boolean deep)
            throws IOException, ClassNotFoundException {
        var members = new ArrayList<@Nullable Object>();
        var lengths = ByteBuffer.wrap(body, from, size);
        while (lengths.hasRemaining()) {
            var length = lengths.remaining() < Integer.BYTES ? -1 : lengths.getInt();
            if (length < 0 || length > lengths.remaining()) {
                throw new StreamCorruptedException("a value is longer than what came");
            }
            var at = lengths.position();
            if (!deep && length > 0 && body[at] > TEXT) {
                throw new StreamCorruptedException("a list holds a value of the form " + body[at]);
            }
            members.add(read(body, at, length, large));
            lengths.position(at + length);
        }
        return members;
    }

    private @Nullable Object read(byte[] body, int from, int length, LargeParts large)
            throws IOException, ClassNotFoundException {
        if (length == 0) {
            throw new StreamCorruptedException("a value without bytes");
        }
        var content = from + 1;
        var size = length - 1;
        return switch (body[from]) {
            case NULL -> null;
            case FALSE -> false;
            case TRUE -> true;
            case INTEGER -> number(body, content, size, Integer.BYTES).getInt();
            case LONG -> number(body, content, size, Long.BYTES).getLong();
            case DOUBLE ->
                    Double.longBitsToDouble(number(body, content, size, Long.BYTES).getLong());
            case LATIN_TEXT -> new String(body, content, size, ISO_8859_1);
            case TEXT -> ByteBuffer.wrap(body, content, size).asCharBuffer().toString();
            case BYTES -> Arrays.copyOfRange(body, content, content + size);
            case SERIALIZED -> {
                var source = new ByteArrayInputStream(body, content, size);
                try (var stream = new Deserializer(source, size, large)) {
                    yield stream.readValue();
                }
            }
            case LIST -> readMembers(body, content, size, large, false);
            default -> throw new StreamCorruptedException("no value begins with " + body[from]);
        };
    }

    private static ByteBuffer number(byte[] body, int from, int size, int expected)
            throws StreamCorruptedException {
        if (size != expected) {
            throw new StreamCorruptedException(
                    "a number of %d bytes, where %d were expected".formatted(size, expected));
        }
        return ByteBuffer.wrap(body, from, size);
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
                case Path path when SYSTEM_PATH.isInstance(path) -> new PathName(path.toString());
                default -> value;
            };
        }
    }

    /// Stands for a buffer, which is not serializable, where no file is shared.
    record SmallBuffer(byte[] bytes) implements Serializable {}

    /// Stands for a path, which is not serializable. One inside of an archive has no stand-in, as
    /// it means nothing where the archive is not open.
    record PathName(String name) implements Serializable {}

    /// Whether a value can be sent, though it is not serializable.
    static boolean hasStandIn(Object value) {
        return value instanceof ByteBuffer || SYSTEM_PATH.isInstance(value);
    }

    private final class Deserializer extends ObjectInputStream {
        private final LargeParts large;
        private final long size;
        private @Nullable Class<?> rejected;

        Deserializer(InputStream source, int size, LargeParts large) throws IOException {
            super(source);
            this.size = size + large.size();
            this.large = large;
            enableResolveObject(true);
            setObjectInputFilter(this::check);
        }

        private ObjectInputFilter.Status check(ObjectInputFilter.FilterInfo info) {
            var type = info.serialClass();
            if (type != null && (OWN.contains(type) || isStoodInFor(type))) {
                return ObjectInputFilter.Status.ALLOWED;
            }
            if (info.arrayLength() > ELEMENTS_PER_BYTE * size) {
                return ObjectInputFilter.Status.REJECTED;
            }
            var status = filter.checkInput(info);
            if (status == ObjectInputFilter.Status.REJECTED) {
                rejected = type;
            }
            return status;
        }

        /// Java asks about what a stand-in was resolved to as well. No object of these classes can
        /// come in by itself, as they are not serializable.
        private static boolean isStoodInFor(Class<?> type) {
            return type.equals(SYSTEM_PATH) || ByteBuffer.class.isAssignableFrom(type);
        }

        /// Says which class is not allowed; the stream itself does not.
        Object readValue() throws IOException, ClassNotFoundException {
            try {
                return readObject();
            } catch (RuntimeException | InternalError | StackOverflowError e) {
                // What classes throw that are made of bytes which nobody has written so.
                var broken = new StreamCorruptedException("bytes that make no value: " + e);
                broken.initCause(e);
                throw broken;
            } catch (InvalidClassException e) {
                if (rejected == null) {
                    throw e;
                }
                var explained =
                        new InvalidClassException(
                                rejected.getName(),
                                "objects of this class are not taken here; classes must be allowed by name, and most of the JDK's cannot be");
                explained.initCause(e);
                throw explained;
            }
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
                case PathName(var name) -> Path.of(name);
                default -> value;
            };
        }
    }
}
