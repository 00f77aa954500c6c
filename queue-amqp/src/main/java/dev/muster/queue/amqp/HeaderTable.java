package dev.muster.queue.amqp;

import dev.muster.queue.spi.BrokerException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Headers between their form in a [dev.muster.queue.spi.Message] and the types that the client
/// library turns into field tags.
///
/// Written are only the tags that py-amqp reads back as the same value: `S t I l d V A F`, and `l`
/// for numbers beyond 31 bits alone (celery-wire 1.3). Read is everything: bytes and decimals as
/// text, because no other transport could carry them on, times as ISO-8601 text in UTC.
final class HeaderTable {
    private HeaderTable() {}

    /// @throws BrokerException when a value is of a type that does not travel
    static Map<String, Object> write(Map<String, @Nullable Object> headers) {
        return writeMap("", headers);
    }

    @SuppressWarnings("NullAway") // the library writes a null value as 'V' but does not say so
    private static Map<String, Object> writeMap(String path, Map<?, ?> map) {
        var table = new LinkedHashMap<String, Object>();
        map.forEach((key, value) -> {
            var name = String.valueOf(key);
            if (name.getBytes(StandardCharsets.UTF_8).length > 255) {
                throw BrokerException.refused(
                        "header name '%s…' is longer than 255 bytes"
                                .formatted(name.substring(0, 40)),
                        null);
            }
            table.put(name, writeValue(path + "/" + name, value));
        });
        return table;
    }

    private static @Nullable Object writeValue(String path, @Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean flag -> flag;
            case Integer number -> number;
            case Short number -> number.intValue();
            case Byte number -> number.intValue();
            case Long number ->
                    number.intValue() == number ? (Object) number.intValue() : (Object) number;
            case Double number -> number;
            case Float number -> number.doubleValue();
            case List<?> list -> {
                var items = new ArrayList<@Nullable Object>(list.size());
                for (var item : list) {
                    items.add(writeValue(path, item));
                }
                yield items;
            }
            case Map<?, ?> map -> writeMap(path, map);
            default ->
                    throw BrokerException.refused(
                            "header %s is a %s, which cannot travel; use text, a number, a boolean, a list or a map"
                                    .formatted(path.substring(1), value.getClass().getName()),
                            null);
        };
    }

    static Map<String, @Nullable Object> read(@Nullable Map<String, Object> table) {
        return table == null ? Map.of() : readMap(table);
    }

    private static Map<String, @Nullable Object> readMap(Map<?, ?> table) {
        var headers = new LinkedHashMap<String, @Nullable Object>();
        table.forEach((name, value) -> headers.put(String.valueOf(name), readValue(value)));
        return headers;
    }

    private static @Nullable Object readValue(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Boolean flag -> flag;
            case Integer number -> number;
            case Long number -> number;
            case Double number -> number;
            case Short number -> number.intValue();
            case Byte number -> number.intValue();
            case Float number -> number.doubleValue();
            case BigDecimal number -> number.toPlainString();
            case Date time -> time.toInstant().toString();
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case List<?> list -> {
                var items = new ArrayList<@Nullable Object>(list.size());
                list.forEach(item -> items.add(readValue(item)));
                yield items;
            }
            case Map<?, ?> map -> readMap(map);
            default -> value.toString(); // LongString, the library's form of all text
        };
    }
}
