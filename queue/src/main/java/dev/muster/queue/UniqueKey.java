package dev.muster.queue;

import dev.muster.queue.codec.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which calls of a task are equal, and for how long at the most one keeps the others away.
///
/// @param parameters the names of the task's parameters in order, as far as they are known
/// @param by the parameters that count; none for all arguments
/// @param lifetime after which the claim of a call lapses
record UniqueKey(List<String> parameters, List<String> by, Duration lifetime) {
    /// Of a task that is known by its name only.
    static final UniqueKey DEFAULT = new UniqueKey(List.of(), List.of(), Duration.ofHours(1));

    UniqueKey {
        parameters = List.copyOf(parameters);
        by = List.copyOf(by);
        for (var name : by) {
            if (!parameters.contains(name)) {
                throw new IllegalArgumentException(
                        "uniqueBy names the parameter '%s', but there are %s; is its class compiled with -parameters?"
                                .formatted(name, parameters));
            }
        }
        if (!lifetime.isPositive()) {
            throw new IllegalArgumentException("uniqueFor must be > 0, was " + lifetime);
        }
    }

    /// Equal for equal calls: a digest, as arguments are user data, and may be long.
    ///
    /// @throws dev.muster.queue.codec.EncodeException when an argument cannot be written
    String of(Signature<?> call, Json json) {
        var named = new TreeMap<String, @Nullable Object>(call.kwargs());
        var rest = new ArrayList<@Nullable Object>();
        for (var index = 0; index < call.args().size(); index++) {
            if (index < parameters.size()) {
                named.put(parameters.get(index), call.args().get(index));
            } else {
                rest.add(call.args().get(index));
            }
        }
        if (!by.isEmpty()) {
            named.keySet().retainAll(by);
            rest.clear();
        }
        return digest(json.write(sorted(json.toPlain(List.of(call.task(), named, rest)))));
    }

    private static @Nullable Object sorted(@Nullable Object plain) {
        return switch (plain) {
            case Map<?, ?> map -> {
                var entries = new TreeMap<String, @Nullable Object>();
                map.forEach((name, value) -> entries.put(String.valueOf(name), sorted(value)));
                yield entries;
            }
            case List<?> list -> {
                var items = new ArrayList<@Nullable Object>(list.size());
                list.forEach(item -> items.add(sorted(item)));
                yield items;
            }
            case null, default -> plain;
        };
    }

    /// SHA-256 in hexadecimal.
    static String digest(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String digest(String text) {
        return digest(text.getBytes(StandardCharsets.UTF_8));
    }
}
