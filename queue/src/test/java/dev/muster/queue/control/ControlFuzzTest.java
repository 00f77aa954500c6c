package dev.muster.queue.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Commands to workers.
class ControlFuzzTest {
    private static final Json JSON = new Json(true);

    @FuzzTest
    void commands() {
        Fuzzer.of("commands")
                .seeds(
                        "{\"method\": \"revoke\", \"arguments\": {\"task_id\": [\"a\", 1], \"terminate\": true, \"signal\": \"SIGTERM\"}, \"destination\": [\"muster@host\"], \"pattern\": null, \"matcher\": null, \"ticket\": \"t\", \"reply_to\": {\"exchange\": \"replies\", \"routing_key\": \"k\"}}",
                        "{\"method\": \"rate_limit\", \"arguments\": {\"task_name\": \"a\", \"rate_limit\": \"10/m\"}, \"destination\": null, \"pattern\": \"mus*@[a-h]?st\", \"matcher\": \"glob\"}",
                        "{\"method\": \"pool_grow\", \"arguments\": {\"n\": 2, \"soft\": 1.5}, \"destination\": null, \"pattern\": \"(mus|x{1,3})+ter@\", \"matcher\": \"pcre\"}")
                .refusing(DecodeException.class)
                .refusing(CommandException.class)
                .run(input -> {
                    var command = Command.read(JSON.read(input), "replies");
                    command.audience().includes("muster@host");
                    var arguments = Arguments.of(command);
                    for (var name : List.of("task_id", "rate_limit", "n")) {
                        if (command.arguments().containsKey(name)) {
                            arguments.optionalText(name.equals("task_id") ? "signal" : name);
                            arguments.flag("terminate");
                        }
                    }
                    if (command.arguments().containsKey("task_id")) {
                        arguments.texts("task_id");
                    }
                    arguments.number("soft");
                    arguments.integer("n", 1);
                });
    }

    @FuzzTest
    void globs() {
        Fuzzer.of("globs")
                .seeds("mus*@[a-h]?st", "[!a-z]*", "a*b*c*")
                .runText(glob -> {
                    Globs.matches(glob, "muster@host");
                    Globs.matches(glob, glob);
                });
    }

    @FuzzTest
    void regexes() {
        Fuzzer.of("regular expressions")
                .seeds("(mus|x{1,3})+ter@", "[^a-z]*\\d{2,}$", "(?i)a|b")
                .runText(regex -> Regexes.matches(regex, "muster@host"));
    }

    /// Found once, with a name as long as the glob.
    @Test
    void aVeryLongGlobIsForNobody() {
        assertThat(Globs.matches("*".repeat(501), "muster@host")).isFalse();
        assertThat(Globs.matches("*".repeat(500), "muster@host")).isTrue();
    }

    /// Found once: the worker heard no command any more.
    @Test
    void aRegularExpressionThatIgnoresCaseIsOfAscii() {
        assertThat(Regexes.matches("(?i)MUST[a-z]r", "muster@host")).isTrue();
        assertThat(Regexes.matches("(?i)[--\ufffd]*", "muster@host")).isFalse();
        assertThat(Regexes.matches("(?s-m:(?i:[--\\x{fffd}]*))", "muster@host")).isFalse();
    }
}
