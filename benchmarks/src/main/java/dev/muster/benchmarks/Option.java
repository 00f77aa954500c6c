package dev.muster.benchmarks;

import java.util.Arrays;
import java.util.Optional;

/// What can be said on the command line beside names.
enum Option {
    ROUNDS("--rounds", "N", "rounds, in each of which all contestants are measured"),
    TASKS("--tasks", "N", "tasks in a round"),
    WARM_UP(
            "--warm-up",
            "N",
            "tasks of Muster, and of the raw client, before those that are measured warm"),
    PREFETCH("--prefetch", "N", "worker_prefetch_multiplier"),
    REPEATS("--repeats", "N", "how often each workflow is measured in a round"),
    NUMBERS("--numbers", "N", "numbers to sort; 0 for no sort"),
    CALLS("--calls", "N", "calls in a round"),
    FILE("--file", "TEXT", "the text that is repeated in the file to search"),
    BROKER("--broker", "NAME", "redis, rabbitmq, sqlite or postgresql; redis by default"),
    FULL("--full", "", "to the largest sizes, which takes long"),
    NO_PEERS("--no-peers", "", "Muster and the raw clients only");

    final String word;

    /// What follows the word; empty for nothing.
    final String value;

    final String says;

    Option(String word, String value, String says) {
        this.word = word;
        this.value = value;
        this.says = says;
    }

    static Optional<Option> of(String word) {
        return Arrays.stream(values()).filter(option -> option.word.equals(word)).findFirst();
    }
}
