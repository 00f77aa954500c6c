package dev.muster.queue.codec;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/// JSON as kombu writes and reads it (celery-wire 1.7), and the way between Java values and the
/// plain tree (see the package). Immutable and thread-safe.
///
/// Written are `null`, booleans, numbers, strings and characters, enums by name, collections and
/// arrays, maps (their keys as strings), `Optional`, the types of `java.time` (a `Duration` as
/// seconds), `UUID`, `BigDecimal`, `byte[]`, records, and objects with getters.
public final class Json {
    private final boolean typedValues;

    /// @param typedValues whether dates, decimals, UUIDs and bytes are written so that kombu 5.3
    ///   and later reads them as such; otherwise they are bare strings, as kombu 5.2 needs them.
    ///   Reading accepts both.
    public Json(boolean typedValues) {
        this.typedValues = typedValues;
    }

    /// ASCII text.
    ///
    /// @throws EncodeException for what JSON cannot hold: `NaN` and infinity, objects that are no
    ///   data, a value that contains itself
    public byte[] write(@Nullable Object value) {
        var writer = new JsonWriter(typedValues);
        writer.write(value);
        return writer.toBytes();
    }

    /// As [#write(Object)], as a string.
    public String writeText(@Nullable Object value) {
        var writer = new JsonWriter(typedValues);
        writer.write(value);
        return writer.toString();
    }

    /// Reads UTF-8 text into a plain tree.
    ///
    /// `NaN`, `Infinity` and `-Infinity` are accepted, and whole numbers of up to 10,000 digits;
    /// lists and maps may be nested 500 levels deep.
    ///
    /// @throws DecodeException for anything that is not JSON, or has a typed value of unknown type
    public @Nullable Object read(byte[] text) {
        return JsonReader.read(text);
    }

    /// As [#read(byte\[\])], from a string.
    public @Nullable Object read(String text) {
        return JsonReader.read(text);
    }

    /// Turns a Java value into a plain tree, typed values kept as objects.
    ///
    /// @throws EncodeException as [#write(Object)], but for `NaN` and infinity
    public @Nullable Object toPlain(@Nullable Object value) {
        return Plain.tree(value);
    }

    /// Turns a plain tree into a value of a Java type.
    ///
    /// Whole numbers fit every number type that can hold them, floats fit a whole number type only
    /// when nothing is lost, and a boolean is never a number. Times are accepted as typed values
    /// and as ISO-8601 strings, without offset meaning UTC. A missing record component is null, an
    /// empty `Optional`, or an error if it is primitive; a superfluous one is ignored. `Object`
    /// takes the value as it is.
    ///
    /// @param target may be generic: `List<Optional<Instant>>`
    /// @throws ConversionException when the value does not fit; its path says which part
    public @Nullable Object convert(@Nullable Object plain, Type target) {
        return Converter.convert(plain, target);
    }
}
