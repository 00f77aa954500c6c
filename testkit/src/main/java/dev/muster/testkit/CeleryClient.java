package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.codec.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A Python process with a Celery application, which evaluates one expression after the other.
/// Quicker than a process for each. Thread-safe.
final class CeleryClient implements AutoCloseable {
    /// More than the driver lets any single call wait.
    private static final long ANSWER_LIMIT_SECONDS = 120;

    private final Json json = new Json(false);
    private final Path source;
    private final Path errors;
    private final Process process;
    private final Writer questions;
    private final BufferedReader answers;

    private CeleryClient(Path source, Path errors, Process process) {
        this.source = source;
        this.errors = errors;
        this.process = process;
        this.questions = process.outputWriter(UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /// @param app the source of the application, which names it `app`
    /// @param driver the source that reads the questions; it ends when its input does, and so with
    ///   this JVM
    static CeleryClient start(String app, String driver, String brokerUrl, String resultUrl) {
        try {
            var source = Files.createTempFile("celery-client", ".py");
            var errors = Files.createTempFile("celery-client", ".log");
            Files.writeString(source, app + "\n\n" + driver);
            var builder =
                    new ProcessBuilder(Python.interpreter(), source.toString())
                            .redirectError(errors.toFile());
            builder.environment()
                    .putAll(
                            Python.environment(
                                    Map.of(
                                            "CELERY_BROKER_URL", brokerUrl,
                                            "CELERY_RESULT_BACKEND", resultUrl)));
            return new CeleryClient(source, errors, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The value of a Python expression, as plain data: bytes as a map with their digits, what JSON
    /// does not know as its repr.
    ///
    /// @throws AssertionError when it raises; the message has Python's traceback
    synchronized @Nullable Object eval(String expression) {
        try {
            questions.write(json.writeText(expression) + "\n");
            questions.flush();
        } catch (IOException e) {
            throw new AssertionError("the Python client is gone:\n" + log(), e);
        }
        var answer = CompletableFuture.supplyAsync(this::readLine, Thread::startVirtualThread);
        var line = answer.orTimeout(ANSWER_LIMIT_SECONDS, TimeUnit.SECONDS).join();
        if (!(json.read(line) instanceof Map<?, ?> map)) {
            throw new AssertionError("the Python client answered " + line);
        }
        if (map.containsKey("failure")) {
            throw new AssertionError(expression + "\n" + map.get("failure"));
        }
        return map.get("value");
    }

    private String readLine() {
        try {
            var line = answers.readLine();
            if (line == null) {
                throw new AssertionError("the Python client is gone:\n" + log());
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String log() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            return "(no log: %s)".formatted(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            for (var file : List.of(source, errors)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
