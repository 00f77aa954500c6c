package dev.muster.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// One run of a [Fuzzer]. The decoder runs on a thread of its own, which is left behind if an input
/// keeps it for ever.
final class Campaign {
    /// How much of a processor's time a decoder may take. Most take microseconds.
    static final Duration LIMIT = Duration.ofSeconds(10);

    /// So many times longer it may take by the clock, on a machine that has other work.
    private static final int BUSY = 12;

    private static final Duration CHECK = Duration.ofMillis(50);

    /// What a decoder may allocate, garbage included: so much for any input, such as buffers, and
    /// so much for each of its bytes. A smaller part of the memory of a worker than a hostile
    /// message has any right to, and more than trees of small objects need.
    private static final long BASE_BYTES = 32 << 20;

    private static final long BYTES_PER_BYTE = 2_000;

    /// How often a finding is made shorter before we stop trying.
    private static final int MAX_SHRINKS = 3_000;

    /// Of a stack trace: enough to tell places apart, and the same however deep a recursion is.
    private static final int FRAMES = 10;

    private static final int SHOWN = 300;
    private static final double USUAL_SECONDS = 0.2;
    private static final double TO_BE_TOLD = 1;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String name;
    private final Fuzzer.Decoder decoder;
    private final List<byte[]> seeds;
    private final List<Class<? extends Throwable>> refusals;
    private final long seed;
    private final Duration limit;

    /// Written by the thread of the decoder, read by the one that watches it. The input is written
    /// before the time, so that it is at least as new.
    private volatile byte[] current = {};

    private volatile long started;
    private volatile long startedCpu;
    private volatile @Nullable Throwable failure;
    private int count;

    Campaign(
            String name,
            Fuzzer.Decoder decoder,
            List<byte[]> seeds,
            List<Class<? extends Throwable>> refusals,
            long seed,
            Duration limit) {
        this.name = name;
        this.decoder = decoder;
        this.seeds = seeds;
        this.refusals = refusals;
        this.seed = seed;
        this.limit = limit;
    }

    /// @throws AssertionError with a finding
    void search() {
        watch(this::searchUnwatched);
    }

    /// @throws AssertionError when the input is a finding
    void repeat(byte[] input) {
        watch(() -> {
            if (judge(input) instanceof Outcome.Broken(var problem)) {
                throw described(problem, input);
            }
        });
    }

    private void watch(Runnable work) {
        started = System.nanoTime();
        var thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("fuzz-" + name)
                        .uncaughtExceptionHandler((_, e) -> failure = e)
                        .start(work);
        try {
            while (!thread.join(CHECK)) {
                if (hasTakenTooLong(thread)) {
                    var hung = new IllegalStateException("is still reading after " + limit);
                    hung.setStackTrace(thread.getStackTrace());
                    throw described(hung, current);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        switch (failure) {
            case null -> {}
            case AssertionError finding -> throw finding;
            case Throwable e -> throw new IllegalStateException("the fuzzer has failed", e);
        }
    }

    private boolean hasTakenTooLong(Thread thread) {
        var time = System.nanoTime() - started;
        var cpu = THREADS.getThreadCpuTime(thread.threadId()) - startedCpu;
        return cpu > limit.toNanos() || time > BUSY * limit.toNanos();
    }

    private void searchUnwatched() {
        checkSeeds();
        var random = new Random(seed);
        var corpus = new Corpus(seeds, random);
        var mutator = new Mutator(random);
        var seconds =
                Double.parseDouble(
                        System.getProperty("fuzz.seconds", String.valueOf(USUAL_SECONDS)));
        var end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            var input = mutator.mutate(corpus.any(), corpus.any());
            switch (judge(input)) {
                case Outcome.Accepted _ -> corpus.addAccepted(input);
                case Outcome.Refused(var way) -> corpus.addRefused(input, way);
                case Outcome.Broken(var problem) -> throw shortest(input, problem);
            }
        }
        if (seconds >= TO_BE_TOLD) {
            System.out.printf(
                    "fuzz: %s: %,d inputs in %.0f s, refused in %,d ways (-Dfuzz.seed=%d)%n",
                    name, count, seconds, corpus.ways(), seed);
        }
    }

    private void checkSeeds() {
        for (var valid : seeds) {
            switch (judge(valid)) {
                case Outcome.Accepted _ -> {}
                case Outcome.Refused _ ->
                        throw new AssertionError(
                                "fuzz: %s: a seed is refused: %s".formatted(name, shown(valid)));
                case Outcome.Broken(var problem) -> throw described(problem, valid);
            }
        }
    }

    private Outcome judge(byte[] input) {
        current = input;
        startedCpu = THREADS.getCurrentThreadCpuTime();
        started = System.nanoTime();
        count++;
        var before = THREADS.getCurrentThreadAllocatedBytes();
        var outcome = decode(input);
        var allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > BASE_BYTES + BYTES_PER_BYTE * input.length
                && !(outcome instanceof Outcome.Broken)) {
            return new Outcome.Broken(
                    new IllegalStateException("allocates %,d bytes".formatted(allocated)));
        }
        return outcome;
    }

    private Outcome decode(byte[] input) {
        try {
            decoder.decode(input.clone());
            return Outcome.ACCEPTED;
        } catch (Throwable e) {
            return refusals.stream().anyMatch(type -> type.isInstance(e))
                    ? new Outcome.Refused(way(e))
                    : new Outcome.Broken(e);
        }
    }

    private static int way(Throwable thrown) {
        var hash = thrown.getClass().getName().hashCode();
        for (var frame : Arrays.stream(thrown.getStackTrace()).limit(FRAMES).toList()) {
            hash = 31 * hash + frame.hashCode();
        }
        var cause = thrown.getCause();
        return cause == null ? hash : 31 * hash + way(cause);
    }

    /// Leaves out parts of a finding as long as the same kind of problem is left.
    private AssertionError shortest(byte[] input, Throwable first) {
        var found = count;
        var shortest = input;
        var problem = first;
        var tries = 0;
        for (var size = input.length / 2; size > 0 && tries < MAX_SHRINKS; size /= 2) {
            for (var from = 0; from + size <= shortest.length && tries < MAX_SHRINKS; tries++) {
                var candidate = Mutator.without(shortest, from, from + size);
                if (judge(candidate) instanceof Outcome.Broken(var other)
                        && other.getClass().equals(problem.getClass())) {
                    shortest = candidate;
                    problem = other;
                } else {
                    from += size;
                }
            }
        }
        count = found;
        return described(problem, shortest);
    }

    private AssertionError described(Throwable problem, byte[] input) {
        return new AssertionError(
                "fuzz: %s does not survive input %,d: %s%n%s%n-Dfuzz.seed=%d finds it again, -Dfuzz.input=%s repeats it"
                        .formatted(
                                name,
                                count,
                                problem,
                                shown(input),
                                seed,
                                Base64.getEncoder().encodeToString(input)),
                problem);
    }

    private static String shown(byte[] input) {
        var text = new StringBuilder();
        for (var letter : new String(input, ISO_8859_1).toCharArray()) {
            if (text.length() > SHOWN) {
                return "%s... (%,d bytes)".formatted(text, input.length);
            }
            text.append(
                    letter >= ' ' && letter < 0x7f && letter != '\\'
                            ? String.valueOf(letter)
                            : "\\x%02x".formatted((int) letter));
        }
        return text.toString();
    }
}
