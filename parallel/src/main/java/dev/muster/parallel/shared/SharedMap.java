package dev.muster.parallel.shared;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A map in a manager. Thread-safe; each method is done at once, with nothing of others in between.
///
/// Keys are texts, whole numbers, doubles, truths, UUIDs, byte arrays or enums; they are the same
/// when their bytes are, so byte arrays with the same content are one key. The map has the order in
/// which keys came.
///
/// @param <K> the keys
/// @param <V> the values; never null
public final class SharedMap<K, V> {
    private final Connection connection;
    private final int number;
    private final Codec<K> keys;
    private final Codec<V> values;

    SharedMap(Connection connection, int number, Codec<K> keys, Codec<V> values) {
        this.connection = connection;
        this.number = number;
        this.keys = keys;
        this.values = values;
    }

    private FrameReader call(Verb verb, byte[]... parts) {
        return connection.call(
                verb,
                number,
                arguments -> {
                    for (var part : parts) {
                        Frames.writeBytes(arguments, part);
                    }
                });
    }

    /// The value of a key.
    public Optional<V> get(K key) {
        return Optional.ofNullable(call(Verb.GET, keys.packKey(key)).readBytesOrNull())
                .map(values::unpack);
    }

    /// Whether the key has a value.
    public boolean containsKey(K key) {
        return call(Verb.GET, keys.packKey(key)).readBytesOrNull() != null;
    }

    /// Gives a key a value, in place of the one that it may have.
    public void put(K key, V value) {
        call(Verb.PUT, keys.packKey(key), values.pack(value));
    }

    /// Gives a key a value, unless it has one.
    ///
    /// @return whether it had none
    public boolean putIfAbsent(K key, V value) {
        return call(Verb.PUT_IF_ABSENT, keys.packKey(key), values.pack(value)).readTruth();
    }

    /// Takes a key out.
    ///
    /// @return the value that it had
    public Optional<V> remove(K key) {
        return Optional.ofNullable(call(Verb.REMOVE, keys.packKey(key)).readBytesOrNull())
                .map(values::unpack);
    }

    /// Makes a new value of the old one: `counts.update(word, old -> old.orElse(0) + 1)`. The
    /// function runs here, and again when somebody else has changed the value meanwhile.
    ///
    /// @param change gets empty where the key has no value
    /// @return the new value
    public V update(K key, Function<Optional<V>, V> change) {
        var packedKey = keys.packKey(key);
        while (true) {
            var old = call(Verb.GET, packedKey).readBytesOrNull();
            var value = change.apply(Optional.ofNullable(old).map(values::unpack));
            var packed = values.pack(value);
            var replaced =
                    connection.call(
                            Verb.REPLACE,
                            number,
                            arguments -> {
                                Frames.writeBytes(arguments, packedKey);
                                Frames.writeBytes(arguments, old);
                                Frames.writeBytes(arguments, packed);
                            });
            if (replaced.readTruth()) {
                return value;
            }
        }
    }

    /// How many keys it has.
    public int size() {
        return call(Verb.SIZE).readInt();
    }

    /// A copy of all. It travels in one piece; what is larger than a frame may be, 64 MB by
    /// default, is an error.
    public Map<K, V> toMap() {
        var content = call(Verb.CONTENT);
        var map = new LinkedHashMap<K, V>();
        for (var left = content.readInt(); left > 0; left--) {
            var key = keys.unpack(content.readBytes());
            map.put(key, values.unpack(content.readBytes()));
        }
        return map;
    }

    /// Takes out all keys.
    public void clear() {
        call(Verb.CLEAR);
    }
}
