package dev.muster.testkit;

import dev.muster.queue.Default;
import dev.muster.queue.Kwargs;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The tasks of `celery_app.py`, in Java.
final class CeleryContractTasks {
    private CeleryContractTasks() {}

    /// An exception with a module that no Python process has.
    static final class OutOfStockException extends Exception {
        OutOfStockException(String message) {
            super(message);
        }
    }

    @Task(name = "contract.add")
    static long add(long a, long b) {
        return a + b;
    }

    @Task(name = "contract.echo")
    static @Nullable Object echo(@Nullable Object value) {
        return value;
    }

    @Task(name = "contract.options")
    static List<Object> options(
            int a, @Default("two") String b, @Kwargs Map<String, @Nullable Object> others) {
        return List.of(a, b, others);
    }

    @Task(name = "contract.text")
    static String text(@Nullable Object value) {
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }

    @Task(name = "contract.nothing")
    static void nothing() {}

    @Task(name = "contract.fail")
    static void fail(String message) {
        if (!message.isEmpty()) {
            throw new IllegalArgumentException(message);
        }
    }

    @Task(name = "contract.sell")
    static void sell(String article) throws OutOfStockException {
        if (!article.isEmpty()) {
            throw new OutOfStockException(article);
        }
    }

    @Task(name = "contract.not_a_number")
    static double notANumber() {
        return Double.NaN;
    }

    @Task(name = "contract.later")
    static Instant later(Instant instant) {
        return instant.plusSeconds(1);
    }

    /// Takes a little while, so that one worker does not do all before the other looks.
    @Task(name = "contract.language")
    static String language() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(5);
        return "java";
    }

    @Task(name = "contract.moment")
    static double moment() {
        var now = Instant.now();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    @Task(name = "contract.touch")
    static void touch(String path) throws IOException {
        Files.createFile(Path.of(path));
    }

    @Task(name = "contract.note")
    static void note(String path, String line) throws IOException {
        Files.writeString(
                Path.of(path), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Task(name = "contract.hear", ignoreResult = Task.Toggle.ON)
    static void hear(String path) throws IOException {
        note(path, "java");
    }

    @Task(name = "contract.tenant")
    static List<@Nullable Object> tenant(TaskContext context) {
        return Arrays.asList(context.headers().get("tenant"), context.headers().get("lang"));
    }

    @Task(name = "contract.stubborn", maxRetries = 3)
    static List<Object> stubborn(TaskContext context, int failures, int delay) {
        if (context.retries() < failures) {
            throw context.retry(Duration.ofSeconds(delay), new IllegalStateException("not yet"));
        }
        return List.of(context.retries(), context.id(), context.rootId(), "java");
    }

    @Task(name = "contract.progress")
    static String progress(TaskContext context, String path)
            throws InterruptedException, IOException {
        context.progress(0.5, "half");
        Files.createFile(Path.of(path + ".started"));
        for (var look = 0; look < 3000; look++) {
            if (Files.exists(Path.of(path))) {
                return "done";
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new IllegalStateException(path);
    }
}
