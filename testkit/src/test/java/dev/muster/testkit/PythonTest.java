package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class PythonTest {
    private static final String APP =
            """
            import celery, os, time
            app = celery.Celery('app')

            @app.task(name='add')
            def add(x, y):
                return x + y

            @app.task(name='hang')
            def hang():
                print(f'hanging in {os.getpid()}')
                time.sleep(600)
            """;

    private static final String CLIENT =
            APP
                    + """

                    import sys
                    print(add.apply_async((2, 3), queue=sys.argv[1]).get(timeout=60))
                    """;

    @Test
    void givesTheLinesThatTheProgramPrints() {
        var lines =
                Python.program(
                                """
                                import os, sys
                                print(sys.argv[1])
                                print(os.environ['MARK'])
                                print('größer 漢字')
                                """)
                        .withArguments("one")
                        .withVariable("MARK", "two")
                        .run();

        assertThat(lines).containsExactly("one", "two", "größer 漢字");
    }

    @Test
    void aFailureTellsWhatTheProgramPrinted() {
        assertThatThrownBy(() -> Python.program("print('before')\n1 / 0").run())
                .hasMessageContaining("before")
                .hasMessageContaining("ZeroDivisionError");
    }

    @Test
    void aProgramThatRunsTooLongIsKilled() {
        var endless =
                Python.program("import time\nprint('started')\ntime.sleep(600)")
                        .withLimit(Duration.ofSeconds(2));

        assertThatThrownBy(endless::run)
                .hasMessageContaining("still ran after 2 s")
                .hasMessageContaining("started");
    }

    @Test
    void aCeleryWorkerRunsTasksFromRabbit() {
        runsTasksFrom(Servers.rabbit().url());
    }

    @Test
    void aCeleryWorkerRunsTasksFromRedis() {
        runsTasksFrom(Servers.redis().url(7));
    }

    private static void runsTasksFrom(String brokerUrl) {
        var options =
                CeleryWorker.Options.of(APP, brokerUrl)
                        .withResults(Servers.redis().url(8))
                        .withQueues("python-test", "another")
                        .withConcurrency(2);
        try (var worker = CeleryWorker.start(options)) {
            assertThat(worker.isRunning()).isTrue();
            var client =
                    Python.program(CLIENT)
                            .withVariable("CELERY_BROKER_URL", brokerUrl)
                            .withVariable("CELERY_RESULT_BACKEND", Servers.redis().url(8));

            assertThat(client.withArguments("python-test").run()).containsExactly("5");
            assertThat(client.withArguments("another").run()).containsExactly("5");

            worker.stop();
            assertThat(worker.isRunning()).isFalse();
        }
    }

    @Test
    void killEndsTheWorkerInTheMiddleOfATask() {
        var brokerUrl = Servers.redis().url(9);
        try (var worker = CeleryWorker.start(CeleryWorker.Options.of(APP, brokerUrl))) {
            Python.program(APP + "\nhang.delay()")
                    .withVariable("CELERY_BROKER_URL", brokerUrl)
                    .run();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> worker.log().contains("hanging in "));
            var child = worker.log().replaceAll("(?s).*hanging in (\\d+).*", "$1");

            worker.kill();

            assertThat(worker.isRunning()).isFalse();
            assertThat(ProcessHandle.of(Long.parseLong(child)).filter(ProcessHandle::isAlive))
                    .isEmpty();
        }
    }

    @Test
    void aWorkerThatCannotStartTellsWhy() {
        assertThatThrownBy(() ->
                        CeleryWorker.start(
                                CeleryWorker.Options.of(
                                        "import no_such_module", Servers.redis().url())))
                .hasMessageContaining("no_such_module");
    }
}
