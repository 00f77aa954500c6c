package dev.muster.parallel.shared;

import java.util.ArrayList;
import java.util.List;

/// A list in a manager. Thread-safe; each method is done at once, with nothing of others in
/// between. Others may change it from one call to the next, so an index may mean another value
/// then.
///
/// @param <T> the values; never null
public final class SharedList<T> {
    private final Connection connection;
    private final int number;
    private final Codec<T> codec;

    SharedList(Connection connection, int number, Codec<T> codec) {
        this.connection = connection;
        this.number = number;
        this.codec = codec;
    }

    /// Adds a value at the end.
    public void add(T value) {
        var bytes = codec.pack(value);
        connection.call(Verb.ADD, number, arguments -> Frames.writeBytes(arguments, bytes));
    }

    /// The value at an index, from 0.
    ///
    /// @throws IndexOutOfBoundsException when there is none
    public T get(int index) {
        return codec.unpack(at(Verb.GET, index));
    }

    /// Replaces the value at an index, from 0.
    ///
    /// @throws IndexOutOfBoundsException when there is none
    public void set(int index, T value) {
        var bytes = codec.pack(value);
        connection.call(
                Verb.SET,
                number,
                arguments -> {
                    arguments.writeInt(index);
                    Frames.writeBytes(arguments, bytes);
                });
    }

    /// Takes out the value at an index, from 0; those behind it move up.
    ///
    /// @throws IndexOutOfBoundsException when there is none
    public T remove(int index) {
        return codec.unpack(at(Verb.REMOVE, index));
    }

    private byte[] at(Verb verb, int index) {
        return connection.call(verb, number, arguments -> arguments.writeInt(index)).readBytes();
    }

    /// How many values it has.
    public int size() {
        return connection.call(Verb.SIZE, number, Connection.NO_ARGUMENTS).readInt();
    }

    /// A copy of all. It travels in one piece; what is larger than a frame may be, 64 MB by
    /// default, is an error.
    public List<T> toList() {
        var content = connection.call(Verb.CONTENT, number, Connection.NO_ARGUMENTS);
        var list = new ArrayList<T>();
        for (var left = content.readInt(); left > 0; left--) {
            list.add(codec.unpack(content.readBytes()));
        }
        return List.copyOf(list);
    }

    /// Takes out all values.
    public void clear() {
        connection.call(Verb.CLEAR, number, Connection.NO_ARGUMENTS);
    }
}
