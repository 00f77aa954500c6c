package dev.muster.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Looks for inputs that a decoder does not survive. Immutable.
///
/// ```java
/// @FuzzTest
/// void rates() {
///     Fuzzer.of("rates").seeds("10/s", "100/m").refusing(RateException.class).runText(Rate::parse);
/// }
/// ```
///
/// It changes valid inputs at random: bits, lengths, numbers, nesting, parts of one in another. An
/// input that is refused at a new place is kept and changed further, so it finds its way into the
/// depth of a format without knowing it. An input is a finding when the decoder throws anything but
/// its refusals, when it takes ten seconds, or when it allocates much more memory than the input
/// has bytes.
///
/// A finding is made as short as possible, and its message has it as Base64. The system property
/// `fuzz.input` set to that tries only this input; `fuzz.seed` repeats a whole run. `fuzz.seconds`
/// is how long each fuzzer runs. Without it, each tries the same inputs for a moment: then a
/// finding is of what has changed, and not of luck.
public final class Fuzzer {
    private final String name;
    private final List<byte[]> seeds;
    private final List<Class<? extends Throwable>> refusals;

    private Fuzzer(String name, List<byte[]> seeds, List<Class<? extends Throwable>> refusals) {
        this.name = name;
        this.seeds = List.copyOf(seeds);
        this.refusals = List.copyOf(refusals);
    }

    /// Reads an input, or throws an exception.
    @FunctionalInterface
    public interface Decoder {
        void decode(byte[] input) throws Exception;
    }

    /// The same for text.
    @FunctionalInterface
    public interface TextDecoder {
        void decode(String input) throws Exception;
    }

    /// @param name of what is read, for messages
    public static Fuzzer of(String name) {
        return new Fuzzer(name, List.of(), List.of());
    }

    /// With more valid inputs. The decoder must accept them.
    public Fuzzer seeds(String... texts) {
        return seeds(Stream.of(texts).map(text -> text.getBytes(UTF_8)).toArray(byte[][]::new));
    }

    /// With more valid inputs. The decoder must accept them.
    public Fuzzer seeds(byte[]... inputs) {
        var more = new ArrayList<>(seeds);
        more.addAll(List.of(inputs));
        return new Fuzzer(name, more, refusals);
    }

    /// With an exception that says that an input is not valid, and which all callers expect.
    public Fuzzer refusing(Class<? extends Exception> exception) {
        var more = new ArrayList<>(refusals);
        more.add(exception);
        return new Fuzzer(name, seeds, more);
    }

    /// Looks for as long as `fuzz.seconds` says.
    ///
    /// @throws AssertionError with the input that the decoder does not survive
    public void run(Decoder decoder) {
        var usual = System.getProperty("fuzz.seconds") == null ? 0 : new Random().nextLong();
        var seed = Long.getLong("fuzz.seed", usual);
        var campaign = new Campaign(name, decoder, seeds, refusals, seed, Campaign.LIMIT);
        var input = System.getProperty("fuzz.input");
        if (input == null) {
            campaign.search();
        } else {
            campaign.repeat(Base64.getDecoder().decode(input));
        }
    }

    /// The same with inputs as text, in which what is no UTF-8 is replaced.
    public void runText(TextDecoder decoder) {
        run(input -> decoder.decode(new String(input, UTF_8)));
    }
}
