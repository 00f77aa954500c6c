package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Signed messages between Celery and Muster: each runs and obeys what the other has signed, and
/// nothing else. Extend it, and name a server of each kind.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
public abstract class CelerySigningContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String APP =
            """
            import pathlib
            from celery import Celery, chain

            app = Celery('signing')
            app.conf.update(
                task_serializer='auth',
                accept_content=['auth'],
                result_accept_content=['json'],
                security_key='FOLDER/python.key',
                security_certificate='FOLDER/python.pem',
                security_cert_store='FOLDER/*.pem',
            )
            app.setup_security()

            @app.task(name='signing.add')
            def add(a, b):
                return a + b

            @app.task(name='signing.again', bind=True, max_retries=1)
            def again(self):
                if self.request.retries == 0:
                    raise self.retry(countdown=0)
                return 'python'

            def signed(*args):
                from kombu.serialization import dumps
                return dumps([list(args), {}, {}], serializer='auth')[2]

            def tampered(*args):
                import base64
                inside = base64.b64decode(signed(*args))
                return base64.b64encode(inside.replace(b'harmless', b'harmful!')).decode()
            """;

    private final String python = "signing-python-" + UUID.randomUUID();
    private final String java = "signing-java-" + UUID.randomUUID();
    private final String node = "java-%s@here".formatted(UUID.randomUUID());
    private Path folder;
    private Path others;
    private CeleryWorker pythonWorker;
    private CeleryClient celery;
    private Muster muster;
    private Worker worker;

    /// As both sides write it.
    protected abstract String brokerUrl();

    /// As both sides write it.
    protected abstract String resultBackend();

    static final class Tasks {
        private Tasks() {}

        @Task(name = "signing.plus")
        static long plus(long a, long b) {
            return a + b;
        }

        @Task(name = "signing.sum")
        static long sum(List<Long> numbers) {
            return numbers.stream().mapToLong(Long::longValue).sum();
        }

        @Task(name = "signing.retried", maxRetries = 1)
        static String retried(TaskContext context) {
            if (context.retries() == 0) {
                throw context.retry(Duration.ZERO, new IllegalStateException("not yet"));
            }
            return "java";
        }

        @Task(name = "signing.touch")
        static void touch(String path) throws IOException {
            Files.createFile(Path.of(path));
        }
    }

    @BeforeAll
    final void start(@TempDir Path known, @TempDir Path unknown) {
        folder = known;
        others = unknown;
        TestCertificate.make(folder, "python");
        TestCertificate.make(folder, "java");
        TestCertificate.make(others, "stranger");
        var app = APP.replace("FOLDER", folder.toString());
        celery =
                CeleryClient.start(
                        app, Resources.text("celery_client.py"), brokerUrl(), resultBackend());
        muster = app(signing(folder, "java"));
        worker = muster.worker().queues(java).hostname(node).concurrency(4).start();
        pythonWorker =
                CeleryWorker.start(
                        CeleryWorker.Options.of(app, brokerUrl())
                                .withResults(resultBackend())
                                .withQueues(python));
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
    }

    private Muster app(Settings settings) {
        return Muster.builder().settings(settings).tasks(Tasks.class).build();
    }

    private Settings unsigned() {
        return Settings.DEFAULT.withAll(
                Map.of(
                        "broker_url",
                        brokerUrl(),
                        "result_backend",
                        resultBackend(),
                        "task_default_queue",
                        java,
                        "json_typed_values",
                        false));
    }

    private Settings signing(Path place, String name) {
        return unsigned()
                .withAll(
                        Map.of(
                                "task_serializer",
                                "auth",
                                "security_format",
                                "celery-5.2",
                                "security_key",
                                place.resolve(name + ".key").toString(),
                                "security_certificate",
                                place.resolve(name + ".pem").toString(),
                                "security_cert_store",
                                folder + "/*.pem"));
    }

    @AfterAll
    final void stop() {
        pythonWorker.close();
        worker.close();
        muster.close();
        celery.close();
    }

    @Test
    void eachRunsWhatTheOtherHasSigned() {
        assertThat(
                        muster.send(
                                        call("signing.add", 2, 3)
                                                .queue(python)
                                                .returning(Integer.class))
                                .get(PATIENCE))
                .isEqualTo(5);
        assertThat(celery.eval("call('signing.plus', 2, 3, queue='%s')".formatted(java)))
                .isEqualTo(5L);
    }

    @Test
    void workersSignWhatTheySend() {
        assertThat(celery.eval("call('signing.retried', queue='%s')".formatted(java)))
                .isEqualTo("java");
        assertThat(
                        muster.send(call("signing.again").queue(python).returning(String.class))
                                .get(PATIENCE))
                .isEqualTo("python");
        assertThat(
                        celery.eval(
                                """
                                chain(
                                    app.signature('signing.plus', [1, 2], queue='%1$s'),
                                    app.signature('signing.add', [3], queue='%2$s'),
                                    app.signature('signing.plus', [4], queue='%1$s'),
                                ).apply_async().get(timeout=60)\
                                """
                                        .formatted(java, python)))
                .isEqualTo(10L);
        var members =
                LongStream.range(0, 5)
                        .mapToObj(number -> call(Tasks::plus, number, 1L).queue(java))
                        .toList();
        assertThat(muster.send(group(members).then(Tasks::sum)).get(PATIENCE)).isEqualTo(15);
    }

    @Test
    void eachObeysAndAnswersTheOther() {
        assertThat(
                        muster.control()
                                .within(Duration.ofSeconds(20))
                                .to(node, pythonWorker.name())
                                .ping())
                .containsOnlyKeys(node, pythonWorker.name());
        assertThat(
                        String.valueOf(
                                celery.eval(
                                        "app.control.inspect([%s], timeout=20).ping()"
                                                .formatted("'" + node + "'"))))
                .contains("pong");
    }

    @Test
    void whatIsNotSignedAsItMustBeIsRefusedAndNothingElseIsLost() {
        var file = folder.resolve("harmful!");
        try (var plain = app(unsigned());
                var stranger = app(signing(others, "stranger"))) {
            var refused =
                    List.of(
                            plain.send(call(Tasks::touch, file.toString())).id(),
                            stranger.send(call(Tasks::touch, file.toString())).id(),
                            raw("tampered('%s')".formatted(folder.resolve("harmless"))),
                            raw("'bm90aGluZw=='"),
                            raw("'\\x00\\x01'"));
            var good = muster.send(call(Tasks::plus, 1L, 1L).queue(java));

            assertThat(good.get(PATIENCE)).isEqualTo(2);
            for (var id : refused) {
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() ->
                                muster.resultRecord(id)
                                        .filter(record -> record.state().equals(State.FAILURE))
                                        .isPresent());
            }
            assertThat(file).doesNotExist();
            assertThat(muster.queueLength(java)).isZero();

            plain.control().tell("shutdown");
            stranger.control().tell("shutdown");
            assertThat(muster.control().within(Duration.ofSeconds(20)).to(node).ping())
                    .containsOnlyKeys(node);
        }
    }

    private String raw(String body) {
        var id = UUID.randomUUID().toString();
        celery.eval(
                "publish('%s', %s, '%s', 'application/data', task='signing.touch')"
                        .formatted(id, body, java));
        return id;
    }
}
