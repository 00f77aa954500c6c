package dev.muster.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A program for Debian's Python, which has Celery (Debian package `python3-celery`): the peer
/// whose reading and writing of the wire format counts. Immutable.
public final class Python {
    /// Not the first `python3` on the path, which may be another one without these packages.
    public static final String INTERPRETER = "/usr/bin/python3";

    private final String program;
    private final List<String> arguments;
    private final Map<String, String> variables;
    private final Duration limit;

    private Python(
            String program, List<String> arguments, Map<String, String> variables, Duration limit) {
        this.program = program;
        this.arguments = List.copyOf(arguments);
        this.variables = Map.copyOf(variables);
        this.limit = limit;
    }

    /// The source as text.
    public static Python program(String source) {
        return new Python(source, List.of(), Map.of(), Duration.ofMinutes(2));
    }

    /// The source as a resource beside a class.
    public static Python resource(Class<?> beside, String name) {
        try (var source = beside.getResourceAsStream(name)) {
            if (source == null) {
                throw new IllegalArgumentException(
                        "there is no resource %s beside %s".formatted(name, beside.getName()));
            }
            return program(new String(source.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// With `sys.argv[1:]`.
    public Python withArguments(String... values) {
        return new Python(program, List.of(values), variables, limit);
    }

    /// With an environment variable; Celery reads `CELERY_BROKER_URL` and `CELERY_RESULT_BACKEND`.
    public Python withVariable(String name, String value) {
        var more = new HashMap<>(variables);
        more.put(name, value);
        return new Python(program, arguments, more, limit);
    }

    /// Runs at most this long, instead of two minutes.
    public Python withLimit(Duration value) {
        return new Python(program, arguments, variables, value);
    }

    /// Runs the program and returns the lines of its standard output.
    ///
    /// @throws IllegalStateException when it fails, with all that it printed, or runs too long
    public List<String> run() {
        try (var sandbox = Sandbox.open("python")) {
            var command = new ArrayList<String>();
            command.add(interpreter());
            command.add(sandbox.write("program.py", program).toString());
            command.addAll(arguments);
            var outcome = Command.run(sandbox, command, environment(variables), limit);
            if (outcome.exitStatus() != 0) {
                throw new IllegalStateException(
                        "the Python program failed with exit status %d; it printed:%n%s%s"
                                .formatted(
                                        outcome.exitStatus(), outcome.output(), outcome.errors()));
            }
            return outcome.output().lines().toList();
        }
    }

    static String interpreter() {
        return Program.at(
                INTERPRETER,
                "python3-celery python3-redis python3-msgpack python3-yaml python3-cryptography");
    }

    static Map<String, String> environment(Map<String, String> variables) {
        var all = new HashMap<>(variables);
        all.put("PYTHONIOENCODING", "utf-8");
        all.put("PYTHONUNBUFFERED", "1");
        all.put("PYTHONDONTWRITEBYTECODE", "1");
        return all;
    }
}
