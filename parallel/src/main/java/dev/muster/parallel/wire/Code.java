package dev.muster.parallel.wire;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A function as bytes.
///
/// @param id the same for the same bytes in the life of this JVM, so that they need to travel once;
///   0 for a function that holds values, which may be others each time
/// @param bytes the packed function
public record Code(long id, byte[] bytes) {
    private static final AtomicLong IDS = new AtomicLong();

    /// By the class of a lambda, which belongs to one place in the source.
    private static final Known LAMBDAS = new Known();

    /// Of chunks, by the class of the lambda that they call.
    private static final Known CHUNKS = new Known();

    /// Weak, so that classes can be unloaded.
    private static final class Known extends ClassValue<AtomicReference<@Nullable Code>> {
        @Override
        protected AtomicReference<@Nullable Code> computeValue(Class<?> type) {
            return new AtomicReference<>();
        }
    }

    /// A function that has come from elsewhere, with an id of this JVM. The caller keeps it, so
    /// that the same bytes get the same id.
    public static Code known(byte[] bytes) {
        return new Code(IDS.incrementAndGet(), bytes);
    }

    /// @throws IOException when the function, or what it holds, cannot be made bytes
    public static Code of(Object function, Values values) throws IOException {
        return function instanceof OfChunk chunk
                ? of(chunk, chunk.function(), CHUNKS, values)
                : of(function, function, LAMBDAS, values);
    }

    private static Code of(Object function, Object lambda, Known knownOnes, Values values)
            throws IOException {
        var known = knownOnes.get(lambda.getClass());
        var code = known.get();
        if (code != null) {
            return code;
        }
        var description = Lambdas.describe(lambda);
        var bytes = values.whole().pack(function).body();
        if (description == null || description.getCapturedArgCount() > 0) {
            return new Code(0, bytes);
        }
        var made = new Code(IDS.incrementAndGet(), bytes);
        var other = known.compareAndExchange(null, made);
        return other == null ? made : other;
    }
}
