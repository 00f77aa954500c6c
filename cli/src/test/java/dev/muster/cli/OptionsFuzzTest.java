package dev.muster.cli;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.Canvas;
import dev.muster.queue.Muster;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// What people write after options. Lines of an input are values of one option each; without more
/// lines the rest of the options is left out.
class OptionsFuzzTest {
    /// What is printed of an exception that nobody expected.
    private static final String UNEXPECTED = "-l debug";

    private static List<String> options(String text, String... names) {
        var values = text.split("\n", -1);
        var options = new ArrayList<String>();
        for (var index = 0; index < Math.min(values.length, names.length); index++) {
            options.add(names[index] + "=" + values[index]);
        }
        return options;
    }

    private static <T> T read(T options, List<String> words) {
        return CommandLine.populateCommand(options, words.toArray(String[]::new));
    }

    /// Runs a verb that must come to its end whatever its options are.
    private static void run(List<String> verb, List<String> options) {
        var words = new ArrayList<>(verb);
        words.addAll(options);
        var err = new StringWriter();
        var status =
                Main.execute(
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(err, true),
                        words.toArray(String[]::new));
        if (status < 0 || status > 2 || err.toString().contains(UNEXPECTED)) {
            throw new IllegalStateException("exit status %d: %s".formatted(status, err));
        }
    }

    @FuzzTest
    void arguments() {
        var json = new Json(true);
        Fuzzer.of("arguments of calls")
                .seeds(
                        "[1, \"a\", null]\n{\"a\": {\"b\": [1.5]}}\nword",
                        "[{\"__type__\": \"uuid\", \"__value__\": \"6b29fc40-ca47-1067-b31d-00dd010662da\"}]\n{}")
                .refusing(CommandException.class)
                .refusing(ParameterException.class)
                .runText(text -> {
                    var given = read(new CallArguments(), options(text, "--args", "--kwargs"));
                    given.positional(json, List.of());
                    given.keywords(json);
                    new CallArguments().positional(json, text.lines().toList());
                });
    }

    @FuzzTest
    void sending() {
        try (var muster =
                Muster.builder().settings(Settings.DEFAULT.with("broker_url", "memory:")).build()) {
            Fuzzer.of("options of calls")
                    .seeds(
                            "10m\n2030-01-31T12:00:00Z\n255\njson\nfast",
                            "1.5s\n2h\n0\nmsgpack\na.b",
                            "30\n2030-01-31T13:00:00+01:00\n9\nyaml")
                    .refusing(CommandException.class)
                    .refusing(ParameterException.class)
                    .refusing(MusterException.class)
                    .refusing(IllegalArgumentException.class)
                    .runText(text -> {
                        var options =
                                read(
                                        new SendOptions(),
                                        options(
                                                text,
                                                "--countdown",
                                                "--expires",
                                                "--priority",
                                                "--serializer",
                                                "--queue"));
                        var sent = muster.send(options.applyTo(Canvas.call("tasks.add", 1)));
                        sent.forget();
                        muster.queues().forEach(muster::purge);
                    });
        }
    }

    @FuzzTest
    void instants() {
        Fuzzer.of("instants")
                .seeds("2030-01-31T12:00:00Z", "2030-01-31T13:00:00.123456789+01:00")
                .refusing(CommandException.class)
                .refusing(ParameterException.class)
                .runText(text ->
                        read(new SendOptions(), List.of("--eta=" + text))
                                .applyTo(Canvas.call("tasks.add")));
    }

    @FuzzTest
    void settings() {
        Fuzzer.of("--set NAME=VALUE")
                .seeds(
                        "worker_concurrency=4",
                        "task_routes={a.*: {queue: b}}",
                        "result_expires=1d",
                        "broker_transport_options={max_retries: 5}")
                .refusing(MusterException.class)
                .refusing(ParameterException.class)
                .runText(text -> read(new ConnectionOptions(), List.of("--set=" + text)).load());
    }

    @FuzzTest
    void commandsToWorkers() {
        Fuzzer.of("words of commands to workers")
                .seeds(
                        "rate_limit\nMail.send\n10/m",
                        "time_limit\nMail.send\n1.5\n60",
                        "revoke\n6b29fc40\n7c30ad51",
                        "own\na=1\nb=true\nc=1.5")
                .refusing(CommandException.class)
                .runText(text -> {
                    var words = text.split("\n", -1);
                    var given = List.of(words).subList(1, words.length);
                    var suggestion = RemoteVerb.suggestion(RemoteVerb.CONTROL, words[0]);
                    var _ =
                            RemoteVerb.find(RemoteVerb.CONTROL, words[0])
                                    .map(verb -> verb.arguments(given))
                                    .orElseGet(() -> RemoteVerb.named(words[0], given, suggestion));
                });
    }

    @FuzzTest
    void addresses() {
        Fuzzer.of("addresses of probes")
                .seeds("8080", "127.0.0.1:0", "[::1]:8080")
                .refusing(CommandException.class)
                .runText(text -> {
                    // Other names would be asked for in the network.
                    if (text.chars().noneMatch(Character::isLetter)) {
                        HttpOption.parse(text);
                    }
                });
    }

    @FuzzTest
    void schedules(@TempDir Path folder) throws IOException {
        var file = folder.resolve("schedule.json");
        var verb = List.of("schedule", "add", "-s", file.toString(), "--set=broker_url=memory:");
        var words = List.of("nightly", "tasks.add");
        for (var times : List.of("--every", "--cron", "--solar")) {
            Fuzzer.of("schedule add " + times)
                    .seeds(
                            switch (times) {
                                case "--every" -> "10m\nEurope/Berlin\n30s\n1h";
                                case "--cron" -> "0 4 * * mon-fri\nUTC\n1.5m\n10";
                                default -> "sunset\nUTC\n30s\n1h\n52.5\n13.4";
                            })
                    .runText(text -> {
                        Files.deleteIfExists(file);
                        var options =
                                options(
                                        text,
                                        times,
                                        "--timezone",
                                        "--jitter",
                                        "--expires",
                                        "--latitude",
                                        "--longitude");
                        options.addAll(words);
                        run(verb, options);
                    });
        }
    }

    @FuzzTest
    void laws() {
        Fuzzer.of("speedup")
                .seeds("0.9\n1,2,4,8\n10", "1\n1", "0.5\n3\n0.001")
                .runText(text ->
                        run(List.of("speedup"), options(text, "--parallel", "--n", "--time")));
    }

    @FuzzTest
    void words(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("text"), "Straße, STRASSE, love is love\n");
        var verb = List.of("grep", "-i", "--by-line", "--text");
        Fuzzer.of("grep")
                .seeds("love\nstrasse", "ß")
                .runText(text -> {
                    var options = options(text, "-e", "-e");
                    options.add(file.toString());
                    run(verb, options);
                });
    }

    /// What others have written must not move the cursor, and must fit.
    @FuzzTest
    void textForTerminals() {
        var control = Pattern.compile("\\p{Cntrl}");
        Fuzzer.of("text for terminals")
                .seeds("plain", "tab\tand\nline", "\u001b[31mred", "日本 e\u0301 👍")
                .runText(text -> {
                    var clean = TerminalText.clean(text);
                    if (control.matcher(clean).find()) {
                        throw new IllegalStateException("it has control characters: " + clean);
                    }
                    for (var width = 0; width < 10; width++) {
                        var fitted = TerminalText.fit(text, width);
                        if (TerminalText.width(fitted) != width) {
                            throw new IllegalStateException(
                                    "'%s' is no %d wide".formatted(fitted, width));
                        }
                    }
                    TerminalText.wrap(text, 10);
                });
    }

    @FuzzTest
    void timeouts() {
        Fuzzer.of("seconds")
                .seeds("1", "0.5", "1e3")
                .refusing(CommandException.class)
                .refusing(NumberFormatException.class)
                .runText(text -> {
                    Duration duration = Seconds.toDuration("--timeout", Double.parseDouble(text));
                    Seconds.text(duration.toMillis() / 1000.0);
                });
    }
}
