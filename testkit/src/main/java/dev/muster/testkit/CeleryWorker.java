package dev.muster.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A Python Celery worker that has said it is ready. Gone when it is closed and when this JVM ends.
public final class CeleryWorker implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final String LOG = "worker";

    private final Sandbox sandbox;
    private final String name;
    private final Process process;

    private CeleryWorker(Sandbox sandbox, String name, Process process) {
        this.sandbox = sandbox;
        this.name = name;
        this.process = process;
    }

    /// What the worker runs, and how.
    ///
    /// @param app the source of a module that makes a Celery app, under the name `app` or any other
    ///   that is unique; it need not name broker and result store
    /// @param brokerUrl as Celery writes it
    /// @param resultUrl as Celery writes it; empty for none
    /// @param queues that it reads; empty for Celery's default, `celery`
    /// @param concurrency how many child processes run tasks
    /// @param arguments further options of `celery worker`, such as `-E`
    public record Options(
            String app,
            String brokerUrl,
            String resultUrl,
            List<String> queues,
            int concurrency,
            List<String> arguments) {
        public Options {
            queues = List.copyOf(queues);
            arguments = List.copyOf(arguments);
        }

        /// Without a result store, reading the default queue with one process.
        public static Options of(String app, String brokerUrl) {
            return new Options(app, brokerUrl, "", List.of(), 1, List.of());
        }

        public Options withResults(String url) {
            return new Options(app, brokerUrl, url, queues, concurrency, arguments);
        }

        public Options withQueues(String... names) {
            return new Options(app, brokerUrl, resultUrl, List.of(names), concurrency, arguments);
        }

        public Options withConcurrency(int value) {
            return new Options(app, brokerUrl, resultUrl, queues, value, arguments);
        }

        public Options withArguments(String... values) {
            return new Options(app, brokerUrl, resultUrl, queues, concurrency, List.of(values));
        }
    }

    /// Starts a worker and waits until it is ready for tasks.
    ///
    /// @throws IllegalStateException when it does not get ready; the message ends with its log
    public static CeleryWorker start(Options options) {
        var sandbox = Sandbox.open("celery");
        try {
            sandbox.write("app.py", options.app);
            var name = "python-%s@localhost".formatted(UUID.randomUUID());
            var process = sandbox.start(LOG, command(options, name), environment(options));
            sandbox.awaitReady(
                    LOG, process, START_LIMIT, () -> sandbox.log(LOG).contains(name + " ready."));
            return new CeleryWorker(sandbox, name, process);
        } catch (RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    private static List<String> command(Options options, String name) {
        var command = new ArrayList<String>();
        command.addAll(List.of(Python.interpreter(), "-m", "celery", "-A", "app", "worker"));
        command.addAll(List.of("-n", name, "-l", "INFO"));
        command.addAll(List.of("-c", Integer.toString(options.concurrency)));
        if (!options.queues.isEmpty()) {
            command.addAll(List.of("-Q", String.join(",", options.queues)));
        }
        command.addAll(options.arguments);
        return command;
    }

    private static Map<String, String> environment(Options options) {
        var variables = new HashMap<String, String>();
        variables.put("CELERY_BROKER_URL", options.brokerUrl);
        if (!options.resultUrl.isEmpty()) {
            variables.put("CELERY_RESULT_BACKEND", options.resultUrl);
        }
        return Python.environment(variables);
    }

    /// Its node name, for remote control.
    public String name() {
        return name;
    }

    /// What it has logged so far.
    public String log() {
        return sandbox.log(LOG);
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /// Asks it to finish its tasks and end, and waits until it has.
    public void stop() {
        sandbox.stop(LOG, process);
    }

    /// Ends it and its child processes with SIGKILL.
    public void kill() {
        sandbox.kill(process);
    }

    /// Kills it if it runs, and deletes its folder. Twice is harmless.
    @Override
    public void close() {
        kill();
        sandbox.close();
    }
}
