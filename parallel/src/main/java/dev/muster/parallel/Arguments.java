package dev.muster.parallel;

import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The arguments of calls, one array for each call.
///
/// @param make an array of an item
record Arguments<T extends @Nullable Object>(
        Iterator<? extends T> items, Function<T, @Nullable Object[]> make)
        implements Iterator<@Nullable Object[]> {
    static <T extends @Nullable Object> Arguments<T> ofItems(Iterable<? extends T> items) {
        return new Arguments<T>(items.iterator(), item -> new @Nullable Object[] {item});
    }

    static <A, B> Arguments<Map.Entry<A, B>> ofPairs(Iterable<? extends Map.Entry<A, B>> pairs) {
        return new Arguments<>(
                pairs.iterator(), pair -> new @Nullable Object[] {pair.getKey(), pair.getValue()});
    }

    @Override
    public boolean hasNext() {
        return items.hasNext();
    }

    @Override
    public @Nullable Object[] next() {
        return make.apply(items.next());
    }
}
