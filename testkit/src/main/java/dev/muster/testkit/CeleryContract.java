package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Signal;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.TaskRevokedException;
import dev.muster.queue.TypeRef;
import dev.muster.queue.Worker;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a broker and a result store must do so that Java and Python share them: clients and workers
/// of Celery and of Muster call each other. Extend it, and name a server of each kind.
///
/// One Celery worker, one Celery client and one Java worker serve all tests of a class. The Python
/// side must be installed as Debian packages it (Celery 5.2).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
public abstract class CeleryContract {
    /// Long enough that only a lost message or result lets it pass.
    protected static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final List<Object> VALUES =
            Arrays.asList(
                    null,
                    true,
                    0L,
                    -1L,
                    1L << 53,
                    BigInteger.TWO.pow(70),
                    1.5,
                    1.0,
                    -1e300,
                    "",
                    "Zoë 日本 \uD83D\uDE00 \u0000\u001f\u2028 \"\\/",
                    List.of(),
                    Map.of(),
                    List.of(List.of(Map.of("k", Arrays.asList(1L, null, Map.of("ü", 2.5)))), "x"));

    private final String prefix = "contract-" + UUID.randomUUID() + "-";
    private final Json json = new Json(false);
    private @TempDir Path folder;
    private CeleryWorker celeryWorker;
    private CeleryClient celery;
    private Muster workerApp;
    private Muster muster;
    private Worker worker;

    /// As both sides write it.
    protected abstract String brokerUrl();

    /// As both sides write it.
    protected abstract String resultBackend();

    /// Priorities from the most to the least urgent.
    protected abstract List<Integer> prioritiesByUrgency();

    @BeforeAll
    final void start() {
        var app = "PREFIX = '%s'\n%s".formatted(prefix, Resources.text("celery_app.py"));
        var started =
                CompletableFuture.supplyAsync(
                        () ->
                                CeleryWorker.start(
                                        CeleryWorker.Options.of(app, brokerUrl())
                                                .withResults(resultBackend())
                                                .withQueues(
                                                        prefix + "python",
                                                        prefix + "both",
                                                        prefix + "python-topic",
                                                        prefix + "news")),
                        Thread::startVirtualThread);
        celery =
                CeleryClient.start(
                        app, Resources.text("celery_client.py"), brokerUrl(), resultBackend());
        workerApp = newApp(resultBackend());
        muster = newApp(resultBackend());
        worker =
                workerApp
                        .worker()
                        .queues(
                                prefix + "java",
                                prefix + "both",
                                prefix + "java-topic",
                                prefix + "news")
                        .concurrency(4)
                        .start();
        celeryWorker = started.join();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
    }

    private Muster newApp(String results) {
        return Muster.builder()
                .settings(settings().with("result_backend", results))
                .tasks(CeleryContractTasks.class)
                .build();
    }

    private Settings settings() {
        return Settings.DEFAULT.withAll(
                Map.of(
                        "broker_url",
                        brokerUrl(),
                        "accept_content",
                        List.of("json", "msgpack", "yaml"),
                        // Celery 5.2 reads no typed values.
                        "json_typed_values",
                        false,
                        "task_default_queue",
                        prefix + "java",
                        "task_queues",
                        Map.of(
                                prefix + "java-topic", topic("java.*.#"),
                                prefix + "python-topic", topic("python.*.#"),
                                prefix + "news",
                                        // Celery takes the name of its default queue.
                                        Map.of("broadcast", true, "routing_key", prefix + "python"),
                                prefix + "java-urgent", Map.of("max_priority", 10),
                                prefix + "python-urgent", Map.of("max_priority", 10))));
    }

    private Map<String, Object> topic(String pattern) {
        return Map.of(
                "exchange", prefix + "topic", "exchange_type", "topic", "routing_key", pattern);
    }

    @AfterAll
    final void stop() {
        worker.close();
        muster.close();
        workerApp.close();
        celery.close();
        celeryWorker.close();
    }

    /// Whatever Java wrote, it did not bring the Python worker down.
    @AfterEach
    final void theCeleryWorkerIsWell() {
        assertThat(celeryWorker.isRunning()).as(celeryWorker.log()).isTrue();
        assertThat(celeryWorker.log()).doesNotContain("Unrecoverable error");
    }

    private boolean onlyTheSenderSeesResults() {
        return resultBackend().startsWith("rpc");
    }

    private @Nullable Object python(String expression) {
        return celery.eval(
                expression
                        .replace("JAVA", "PREFIX + 'java'")
                        .replace("BOTH", "PREFIX + 'both'")
                        .replace("UNREAD", "PREFIX + 'unread'"));
    }

    private List<?> pythonList(String expression) {
        return (List<?>) Objects.requireNonNull(python(expression));
    }

    private Map<?, ?> outcome(String expression) {
        return (Map<?, ?>) Objects.requireNonNull(python("outcome(%s)".formatted(expression)));
    }

    private String literal(@Nullable Object value) {
        return "json.loads(%s)".formatted(json.writeText(json.writeText(value)));
    }

    @Test
    void pythonCallsJavaInEveryWayThatItCallsATask() {
        assertThat(python("call('contract.add', 2, 3, queue=JAVA)")).isEqualTo(5L);
        assertThat(python("app.signature('contract.add', (2, 3)).apply_async(queue=JAVA).get(60)"))
                .isEqualTo(5L);
        assertThat(
                        python(
                                "app.signature('contract.options', (1,)).clone(kwargs={'c': 3}).set(queue=JAVA).delay().get(60)"))
                .isEqualTo(List.of(1L, "two", Map.of("c", 3L)));
        assertThat(
                        python(
                                "call('contract.options', queue=JAVA, kwargs={'a': 1, 'b': 'ü', 'd': None})"))
                .isEqualTo(Arrays.asList(1L, "ü", singleNull("d")));
        assertThat(python("call('contract.nothing', queue=JAVA)")).isNull();
    }

    private static Map<String, @Nullable Object> singleNull(String key) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put(key, null);
        return map;
    }

    @Test
    void valuesFromPythonComeBackUnchanged() {
        assertThat(python("call('contract.echo', %s, queue=JAVA)".formatted(literal(VALUES))))
                .isEqualTo(VALUES);
        assertThat(
                        python(
                                "[call('contract.text', float(x), queue=JAVA) for x in ('nan', 'inf', '-inf')]"))
                .isEqualTo(List.of("NaN", "Infinity", "-Infinity"));
    }

    @Test
    void datesGoThroughAsTextWithPython52() {
        assertThat(
                        python(
                                "call('contract.later', datetime.datetime(2026, 11, 20, 11, 47, 38, 148111, datetime.timezone.utc), queue=JAVA)"))
                .isEqualTo("2026-11-20T11:47:39.148111+00:00");
        assertThat(python("call('contract.text', datetime.date(2026, 11, 20), queue=JAVA)"))
                .isEqualTo("2026-11-20T00:00:00");
    }

    @ParameterizedTest
    @CsvSource({
        "json,",
        "json,gzip",
        "json,zlib",
        "json,bzip2",
        "msgpack,",
        "msgpack,gzip",
        "yaml,",
        "yaml,bzip2"
    })
    void javaReadsEverySerializerAndCompression(String serializer, @Nullable String compression) {
        var options = "queue=JAVA, serializer='%s'".formatted(serializer);
        if (compression != null) {
            options += ", compression='%s'".formatted(compression);
        }

        assertThat(python("call('contract.echo', {'a': ['ü', 1.5, None]} , %s)".formatted(options)))
                .isEqualTo(Map.of("a", Arrays.asList("ü", 1.5, null)));
    }

    @Test
    void bytesGoThroughMsgpack() {
        assertThat(python("call('contract.text', b'\\x00\\xff', queue=JAVA, serializer='msgpack')"))
                .isEqualTo("[0, -1]");
    }

    @Test
    void javaSeesTheOptionsOfAPythonCall() {
        assertThat(
                        python(
                                "call('contract.tenant', queue=JAVA, headers={'tenant': 'acme'}, priority=3, expires=600, shadow='x')"))
                .isEqualTo(List.of("acme", "py"));
        assertThat(
                        python(
                                "call('contract.add', 1, 1, queue=PREFIX + 'java-topic', routing_key='java.numbers.small')"))
                .isEqualTo(2L);
    }

    @Test
    void javaStartsATaskAtItsEtaAndNotBefore() {
        var times =
                pythonList(
                        "[time.time(), *[r.get(60) for r in [app.send_task('contract.moment', queue=JAVA, countdown=1), app.send_task('contract.moment', queue=JAVA, eta=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.5))]]]");

        var sent = (Double) times.get(0);
        assertThat((Double) times.get(1)).isGreaterThanOrEqualTo(sent + 1);
        assertThat((Double) times.get(2)).isGreaterThanOrEqualTo(sent + 1.5);
    }

    @Test
    void pythonStartsATaskOfJavaAtItsEtaAndNotBefore() {
        var moment = call("contract.moment").queue(prefix + "python").returning(Double.class);
        var sent = Instant.now();
        var inASecond = muster.send(moment.countdown(Duration.ofSeconds(1)));
        var later = muster.send(moment.eta(sent.plusMillis(1500)));
        var past = muster.send(moment.eta(sent.minusSeconds(60)));

        var second = sent.getEpochSecond() + sent.getNano() / 1e9;
        assertThat(past.get(PATIENCE)).isGreaterThanOrEqualTo(second);
        assertThat(inASecond.get(PATIENCE)).isGreaterThanOrEqualTo(second + 1);
        assertThat(later.get(PATIENCE)).isGreaterThanOrEqualTo(second + 1.5);
    }

    @Test
    void pythonRevokesATaskOfJavaThatExpiredWhileItWaited() {
        var expired =
                muster.send(
                        call("contract.add", 1, 1)
                                .queue(prefix + "python")
                                .countdown(Duration.ofSeconds(1))
                                .expires(Duration.ofMillis(500)));

        assertThatThrownBy(() -> expired.get(PATIENCE)).isInstanceOf(TaskRevokedException.class);
    }

    @Test
    void aRetryByJavaIsARetryForPython() {
        assertThat(
                        python(
                                "call('contract.stubborn', 2, 0, queue=JAVA, task_id=PREFIX + 'stubborn')"))
                .isEqualTo(List.of(2L, prefix + "stubborn", prefix + "stubborn", "java"));
        var hopeless = outcome("send('contract.stubborn', 9, 0, queue=JAVA)");
        assertThat(hopeless.get("status")).isEqualTo("FAILURE");
        assertThat(hopeless.get("error")).isEqualTo("IllegalStateException");
        assertThat(hopeless.get("args")).isEqualTo(List.of("not yet"));

        if (onlyTheSenderSeesResults()) {
            return; // Celery's rpc client sees no state but the last
        }
        var id = python("send('contract.stubborn', 1, 3600, queue=JAVA)");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> "RETRY".equals(python("sent['%s'].state".formatted(id))));
        assertThat(
                        python(
                                "[type(sent['%s'].result).__name__, sent['%s'].result.args]"
                                        .formatted(id, id)))
                .isEqualTo(List.of("IllegalStateException", List.of("not yet")));
    }

    @Test
    void aRetryByPythonIsARetryForJava() {
        var stubborn = prefix + "stubborn-python";
        assertThat(get(call("contract.stubborn", 2, 0).queue(prefix + "python").id(stubborn)))
                .isEqualTo(List.of(2L, stubborn, stubborn, "python"));
        var hopeless = muster.send(call("contract.stubborn", 9, 0).queue(prefix + "python"));
        assertThatThrownBy(() -> hopeless.get(PATIENCE))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failure ->
                                assertThat(failure.remoteType()).isEqualTo("builtins.ValueError"))
                .hasMessageContaining("not yet");

        var waiting = muster.send(call("contract.stubborn", 1, 3600).queue(prefix + "python"));
        Awaitility.await().atMost(PATIENCE).until(() -> waiting.state().equals(State.RETRY));
    }

    /// Each try comes a second after the last: Celery writes RETRY after it has sent the next, and
    /// over what a quicker worker has stored by then.
    @Test
    void aTaskIsTriedAgainByWhicheverWorkerComes() {
        var tried =
                muster.sendAll(
                        Stream.generate(() ->
                                        call("contract.stubborn", 3, 1).queue(prefix + "both"))
                                .limit(30)
                                .toList());

        for (var result : tried) {
            var seen = (List<?>) Objects.requireNonNull(result.get(PATIENCE));
            assertThat(seen.subList(0, 3)).isEqualTo(List.of(3L, result.id(), result.id()));
        }
    }

    @Test
    void aStateOfJavasOwnIsSeenByPython() throws IOException {
        var file = folder.resolve("java-goes-on");
        var id =
                python(
                        "send('contract.progress', %s, queue=JAVA)"
                                .formatted(literal(file.toString())));
        awaitStarted(file);
        if (!onlyTheSenderSeesResults()) { // Celery's rpc client sees no state but the last
            assertThat(python("[sent['%s'].state, sent['%s'].info]".formatted(id, id)))
                    .isEqualTo(List.of("PROGRESS", Map.of("progress", 0.5, "message", "half")));
        }

        Files.createFile(file);
        assertThat(outcome("'%s'".formatted(id)).get("value")).isEqualTo("done");
    }

    private static void awaitStarted(Path file) {
        var started = Path.of(file + ".started");
        Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(started));
    }

    @Test
    void aStateOfPythonsOwnIsSeenByJava() throws IOException {
        var file = folder.resolve("python-goes-on");
        var result =
                muster.send(call("contract.progress", file.toString()).queue(prefix + "python"));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> result.state().equals(new State("PROGRESS")));

        Files.createFile(file);
        assertThat(result.get(PATIENCE)).isEqualTo("done");
    }

    @Test
    void pythonTakesBackATaskThatJavaRuns() {
        var never = folder.resolve("never-java");
        var id =
                python(
                        "send('contract.progress', %s, queue=JAVA)"
                                .formatted(literal(never.toString())));
        awaitStarted(never);

        python("app.control.revoke('%s', terminate=True)".formatted(id));

        var seen = outcome("'%s'".formatted(id));
        assertThat(seen.get("error")).isEqualTo("TaskRevokedError");
        assertThat(seen.get("args")).isEqualTo(List.of("terminated"));
    }

    @Test
    void javaTakesBackATaskThatPythonRuns() {
        var never = folder.resolve("never-python");
        var result =
                muster.send(call("contract.progress", never.toString()).queue(prefix + "python"));
        awaitStarted(never);

        result.terminate(Signal.KILL);

        assertThatThrownBy(() -> result.get(PATIENCE)).isInstanceOf(TaskRevokedException.class);
    }

    @Test
    void aBroadcastReachesTheWorkersOfBoth() {
        var ofJava = folder.resolve("news-of-java");
        var ofPython = folder.resolve("news-of-python");

        muster.send(call("contract.hear", ofJava.toString()).queue(prefix + "news"));
        // Celery does not declare a broadcast for its clients, and on Redis takes its exchange for
        // a
        // direct one then.
        python(
                "app.send_task('contract.hear', (%s,), queue=PREFIX + 'news', declare=[app.amqp.queues[PREFIX + 'news'].exchange]).id"
                        .formatted(literal(ofPython.toString())));

        for (var news : List.of(ofJava, ofPython)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(news)
                                    .exists()
                                    .content()
                                    .matches("(?s)(java\npython\n|python\njava\n)"));
        }
    }

    @Test
    void aTaskThatExpiredIsRevoked() {
        var seen = outcome("send('contract.add', 1, 1, queue=JAVA, countdown=1, expires=0.5)");

        assertThat(seen.get("status")).isEqualTo("REVOKED");
        assertThat(seen.get("error")).isEqualTo("TaskRevokedError");
        assertThat(seen.get("module")).isEqualTo("celery.exceptions");
        assertThat(seen.get("args")).isEqualTo(List.of("expired"));
    }

    @Test
    void pythonSeesASuccessInFull() {
        var seen = outcome("send('contract.add', 2, 2, queue=JAVA)");

        assertThat(seen.get("value")).isEqualTo(4L);
        assertThat(seen.get("status")).isEqualTo("SUCCESS");
        assertThat(seen.get("traceback")).isNull();
        assertThat(seen.get("children")).isEqualTo(List.of());
        if (!onlyTheSenderSeesResults()) {
            var done = OffsetDateTime.parse(String.valueOf(seen.get("done"))).toInstant();
            assertThat(Duration.between(done, Instant.now())).isBetween(Duration.ZERO, PATIENCE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "contract.fail, 'bad', IllegalArgumentException, bad",
        "contract.sell, 'tea', CeleryContractTasks.OutOfStockException, tea",
    })
    void aJavaExceptionReachesPythonUnderItsName(
            String task, String argument, String type, String message) {
        var seen = outcome("send('%s', '%s', queue=JAVA)".formatted(task, argument));

        assertThat(seen.get("status")).isEqualTo("FAILURE");
        assertThat(seen.get("error")).isEqualTo(type);
        assertThat(String.valueOf(seen.get("bases"))).contains("Exception");
        assertThat(seen.get("args")).isEqualTo(List.of(message));
        assertThat((String) seen.get("traceback"))
                .contains(type.replace('.', '$') + ": " + message)
                .contains("\tat dev.muster.testkit.CeleryContractTasks.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "1, 2, 3",
                "1, 'x'",
                "1, 2, kwargs={'c': 3}",
                "1, kwargs={'a': 1, 'b': 2}",
                "1, 2**70"
            })
    void wrongArgumentsAreATypeErrorInPython(String arguments) {
        var seen = outcome("send('contract.add', %s, queue=JAVA)".formatted(arguments));

        assertThat(seen.get("error")).isEqualTo("TypeError");
        assertThat(seen.get("module")).isEqualTo("builtins");
        assertThat(String.valueOf(seen.get("args"))).contains("add");
    }

    @Test
    void whatJavaCannotDoIsAFailureThatPythonKnows() {
        var unknown = outcome("send('contract.unheard_of', queue=JAVA)");
        assertThat(unknown.get("error")).isEqualTo("NotRegistered");
        assertThat(unknown.get("module")).isEqualTo("celery.exceptions");
        assertThat(unknown.get("args")).isEqualTo(List.of("contract.unheard_of"));

        var unwritable = outcome("send('contract.not_a_number', queue=JAVA)");
        assertThat(unwritable.get("error")).isEqualTo("EncodeError");
        assertThat(unwritable.get("module")).isEqualTo("kombu.exceptions");
    }

    /// Results arrive while the client waits, and before it does.
    @Test
    void pythonMissesNoResult() {
        assertThat(python("sum(call('contract.add', n, 1, queue=JAVA) for n in range(200))"))
                .isEqualTo(200L * 201 / 2);
        assertThat(
                        python(
                                "sum(sent.pop(id).get(60) for id in [send('contract.add', n, 1, queue=JAVA) for n in range(200)])"))
                .isEqualTo(200L * 201 / 2);
    }

    @Test
    void javaRefusesPickleAndOtherContentAndGoesOn() {
        var pickle = outcome("send('contract.add', 1, 2, queue=JAVA, serializer='pickle')");
        assertThat(pickle.get("status")).isEqualTo("FAILURE");
        assertThat(pickle.get("error")).isEqualTo("DecodeError");
        assertThat(pickle.get("module")).isEqualTo("kombu.exceptions");
        assertThat(String.valueOf(pickle.get("args"))).contains("pickle");

        var xml =
                outcome(
                        "publish(str(app.oid) + 'x', b'<a/>', JAVA, content_type='text/xml', task='contract.add')");
        assertThat(String.valueOf(xml.get("args"))).contains("text/xml");
        var broken =
                outcome("publish(str(app.oid) + 'b', b'[[1, 2], {', JAVA, task='contract.add')");
        assertThat(broken.get("error")).isEqualTo("DecodeError");
        var short2 =
                outcome("publish(str(app.oid) + 's', b'[[1, 2], {}]', JAVA, task='contract.add')");
        assertThat(short2.get("error")).isEqualTo("DecodeError");

        assertThat(python("call('contract.add', 1, 2, queue=JAVA)")).isEqualTo(3L);
    }

    @Test
    void javaReadsProtocol1() {
        assertThat(
                        outcome(
                                        """
                                        publish(str(app.oid) + '1', json.dumps({'task': 'contract.add', 'id': str(app.oid) + '1', \
                                        'args': [1, 2], 'kwargs': {}, 'retries': 0, 'eta': None}).encode(), JAVA)\
                                        """)
                                .get("value"))
                .isEqualTo(3L);
    }

    @Test
    void javaCallsPythonWithEveryKindOfValue() {
        var queue = prefix + "python";
        assertThat(get(call("contract.echo", VALUES).queue(queue))).isEqualTo(VALUES);
        assertThat(get(call("contract.options", 1).kwarg("b", "ü").kwarg("c", null).queue(queue)))
                .isEqualTo(Arrays.asList(1L, "ü", singleNull("c")));
        assertThat(get(call("contract.nothing").queue(queue))).isNull();
        assertThat(
                        muster.send(
                                        call("contract.add", 2, 3)
                                                .queue(queue)
                                                .returning(Integer.class))
                                .get(PATIENCE))
                .isEqualTo(5);
        assertThat(
                        muster.send(
                                        call("contract.echo", List.of(1, 2))
                                                .queue(queue)
                                                .returning(new TypeRef<List<Double>>() {}))
                                .get(PATIENCE))
                .containsExactly(1.0, 2.0);
        assertThat(get(call("contract.text", Instant.parse("2026-11-20T11:47:38Z")).queue(queue)))
                .isEqualTo("'2026-11-20T11:47:38+00:00'");
    }

    private @Nullable Object get(dev.muster.queue.Signature<@Nullable Object> signature) {
        return muster.send(signature).get(PATIENCE);
    }

    @ParameterizedTest
    @CsvSource({"json,", "json,gzip", "json,bzip2", "msgpack,", "msgpack,zlib", "yaml,"})
    void pythonReadsEverySerializerAndCompression(String serializer, @Nullable String compression) {
        var signature =
                call("contract.echo", Map.of("a", Arrays.asList("ü", 1.5, null)))
                        .queue(prefix + "python")
                        .serializer(serializer);
        if (compression != null) {
            signature = signature.compression(compression);
        }

        assertThat(get(signature)).isEqualTo(Map.of("a", Arrays.asList("ü", 1.5, null)));
    }

    @Test
    void pythonSeesTheOptionsOfAJavaCall() {
        assertThat(
                        get(
                                call("contract.tenant")
                                        .queue(prefix + "python")
                                        .header("tenant", "acme")
                                        .priority(3)
                                        .expires(Instant.now().plusSeconds(600).plusNanos(123))))
                .isEqualTo(List.of("acme", "java"));
        assertThat(
                        get(
                                call("contract.add", 1, 1)
                                        .queue(prefix + "python-topic")
                                        .routingKey("python.numbers.small")))
                .isEqualTo(2L);
    }

    @Test
    void aPythonExceptionReachesJavaWithTypeArgumentsAndTraceback() {
        var result = muster.send(call("contract.fail", "bad").queue(prefix + "python"));

        assertThatThrownBy(() -> result.get(PATIENCE))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failure -> {
                            assertThat(failure.remoteType()).isEqualTo("builtins.ValueError");
                            assertThat(failure.remoteArguments()).isEqualTo(List.of("bad", 42L));
                            assertThat(failure.remoteTraceback().orElseThrow())
                                    .contains("raise ValueError(message, 42)");
                            assertThat(failure.taskId()).isEqualTo(result.id());
                        });
        assertThat(result.state()).isEqualTo(State.FAILURE);
    }

    @Test
    void whatPythonCannotDoIsAFailureInJava() {
        assertFails(call("contract.unheard_of"), "celery.exceptions.NotRegistered");
        assertFails(call("contract.add", 1), "builtins.TypeError");
        assertThatThrownBy(() ->
                        muster.send(
                                        call("contract.add", 1, 1)
                                                .queue(prefix + "python")
                                                .expires(Instant.now().minusSeconds(1)))
                                .get(PATIENCE))
                .isInstanceOf(TaskRevokedException.class);
    }

    private void assertFails(
            dev.muster.queue.Signature<@Nullable Object> signature, String remoteType) {
        assertThatThrownBy(() -> muster.send(signature.queue(prefix + "python")).get(PATIENCE))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failure -> assertThat(failure.remoteType()).isEqualTo(remoteType));
    }

    @Test
    void fiveHundredCallsOfPythonAreAllAnswered() {
        var results =
                muster.sendAll(
                        IntStream.range(0, 500)
                                .mapToObj(n ->
                                        call("contract.add", n, 1)
                                                .queue(prefix + "python")
                                                .returning(Integer.class))
                                .toList());

        var futures = results.stream().map(Result::toCompletableFuture).toList();
        CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();

        assertThat(futures.stream().map(CompletableFuture::join))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 500).boxed().toList());
    }

    @Test
    void aFutureFailsAsGetDoes() {
        var future =
                muster.send(call("contract.fail", "bad").queue(prefix + "python"))
                        .toCompletableFuture()
                        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThatThrownBy(future::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(TaskFailedException.class);
    }

    /// By all where they are in a store, by the sender where they travel as messages.
    @Test
    void resultsAreFoundById() {
        var id = UUID.randomUUID().toString();
        var sent = muster.send(call("contract.add", 1, 1).id(id).queue(prefix + "python"));
        assertThat(sent.get(PATIENCE)).isEqualTo(2L);

        assertThat(muster.result(id, Integer.class).get(PATIENCE)).isEqualTo(2);
        if (onlyTheSenderSeesResults()) {
            assertThat(workerApp.resultRecord(id)).isEmpty();
        } else {
            assertThat(workerApp.result(id, Integer.class).get(PATIENCE)).isEqualTo(2);
            assertThat(outcome(literal(id)).get("value")).isEqualTo(2L);
        }
    }

    @Test
    void javaAndPythonWorkersShareAQueue() {
        var byJava =
                muster.sendAll(
                        IntStream.range(0, 200)
                                .mapToObj(_ ->
                                        call("contract.language")
                                                .queue(prefix + "both")
                                                .returning(String.class))
                                .toList());
        var byPython =
                pythonList(
                        "[sent.pop(id).get(60) for id in [send('contract.language', queue=BOTH) for n in range(200)]]");

        var languages =
                Stream.concat(
                                byJava.stream().map(result -> result.get(PATIENCE)),
                                byPython.stream().map(String.class::cast))
                        .toList();
        assertThat(languages)
                .hasSize(400)
                .contains("java", "python")
                .containsOnly("java", "python");
    }

    @Test
    void javaWorksInTheOrderOfPriorities() {
        var file = folder.resolve("java-order");
        var mixed = mixedPriorities();
        python(
                "[send('contract.note', %s, str(p), priority=p, queue=PREFIX + 'java-urgent') for p in %s]"
                        .formatted(literal(file.toString()), mixed));

        try (var _ =
                workerApp
                        .worker()
                        .queues(prefix + "java-urgent")
                        .concurrency(1)
                        .prefetchMultiplier(1)
                        .start()) {
            assertThat(lines(file, mixed.size())).isEqualTo(inOrder(mixed));
        }
    }

    @Test
    void pythonWorksInTheOrderOfJavasPriorities() {
        var file = folder.resolve("python-order");
        var mixed = mixedPriorities();
        muster.sendAll(
                mixed.stream()
                        .map(priority ->
                                call("contract.note", file.toString(), priority.toString())
                                        .priority(priority)
                                        .queue(prefix + "python-urgent"))
                        .toList());

        python(
                "app.control.add_consumer(PREFIX + 'python-urgent', reply=True, destination=[%s])"
                        .formatted(literal(celeryWorker.name())));
        assertThat(lines(file, mixed.size())).isEqualTo(inOrder(mixed));
    }

    private List<Integer> mixedPriorities() {
        var mixed = new ArrayList<Integer>();
        mixed.addAll(prioritiesByUrgency().reversed());
        mixed.addAll(prioritiesByUrgency());
        mixed.addAll(prioritiesByUrgency().reversed());
        return mixed;
    }

    private List<String> inOrder(List<Integer> priorities) {
        return prioritiesByUrgency().stream()
                .flatMap(urgency -> priorities.stream().filter(urgency::equals))
                .map(String::valueOf)
                .toList();
    }

    private static List<String> lines(Path file, int count) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> Files.readAllLines(file), lines -> lines.size() >= count);
    }

    @Test
    void tasksWithoutResultRunAndLeaveNone() {
        var byPython = folder.resolve("by-python");
        var byJava = folder.resolve("by-java");
        python(
                "send('contract.touch', %s, queue=JAVA, ignore_result=True)"
                        .formatted(literal(byJava.toString())));
        var ignored =
                muster.send(
                        call("contract.touch", byPython.toString())
                                .queue(prefix + "python")
                                .ignoreResult(true));

        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> Files.exists(byJava) && Files.exists(byPython));
        assertThat(get(call("contract.add", 1, 1).queue(prefix + "python"))).isEqualTo(2L);
        assertThat(workerApp.resultRecord(ignored.id())).isEmpty();
    }

    @Test
    void clientsWithoutAResultStoreAreServed() {
        var file = folder.resolve("by-disabled");
        try (var app = newApp("disabled://")) {
            app.send(call("contract.touch", file.toString()).queue(prefix + "python"));
            Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(file));
        }
        var other = folder.resolve("by-disabled-python");
        var source = "PREFIX = '%s'\n%s".formatted(prefix, Resources.text("celery_app.py"));
        try (var client =
                CeleryClient.start(
                        source, Resources.text("celery_client.py"), brokerUrl(), "disabled://")) {
            client.eval(
                    "send('contract.touch', %s, queue=PREFIX + 'java')"
                            .formatted(literal(other.toString())));
            Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(other));
        }
    }

    /// Celery 5.2 does not write the headers of later versions, and dates without an offset;
    /// everything else is the same but for the name of the language.
    @Test
    void javaWritesTheMessageThatPythonWrites() {
        var id = UUID.randomUUID().toString();
        python(
                "send('contract.options', 1, 'ü', queue=UNREAD, kwargs={'k': [True, None, 2.5]}, task_id='%s', priority=3, headers={'tenant': 'acme'})"
                        .formatted(id));
        muster.send(
                call("contract.options", 1, "ü")
                        .kwarg("k", Arrays.asList(true, null, 2.5))
                        .id(id)
                        .queue(prefix + "unread")
                        .priority(3)
                        .header("tenant", "acme"));

        var queue = Queue.named(prefix + "unread");
        try (var broker = openBroker();
                var consumer = consume(broker, queue)) {
            var messages = new ArrayList<Message>();
            while (messages.size() < 2) {
                var taken = consumer.take(2, PATIENCE);
                assertThat(taken).isNotEmpty();
                taken.forEach(delivery -> {
                    assertThat(delivery.exchange()).isEmpty();
                    assertThat(delivery.routingKey()).isEqualTo(queue.name());
                    messages.add(delivery.message());
                });
                taken.forEach(Delivery::ack);
            }
            var isPython = "py".equals(messages.getFirst().headers().get("lang"));
            assertSame(messages.get(isPython ? 0 : 1), messages.get(isPython ? 1 : 0));
        }
    }

    private Broker openBroker() {
        var url = ServiceUrl.parse(brokerUrl());
        return ServiceLoader.load(BrokerProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(url.scheme()))
                .findAny()
                .orElseThrow()
                .open(url, Environment.of(settings()));
    }

    private static dev.muster.queue.spi.Consumer consume(Broker broker, Queue queue) {
        broker.declare(queue);
        return broker.consume(List.of(queue), 10);
    }

    private static void assertSame(Message python, Message java) {
        assertThat(new String(java.body(), UTF_8)).isEqualTo(new String(python.body(), UTF_8));
        assertThat(java.contentType()).isEqualTo(python.contentType());
        assertThat(java.contentEncoding()).isEqualTo(python.contentEncoding());
        assertThat(java.properties().correlationId())
                .isEqualTo(python.properties().correlationId());
        assertThat(java.properties().persistent()).isEqualTo(python.properties().persistent());
        assertThat(java.properties().priority()).isEqualTo(python.properties().priority());
        assertThat(java.properties().replyTo()).isNotEmpty();

        var expected = new LinkedHashMap<>(python.headers());
        expected.put("lang", "java");
        expected.remove("origin");
        expected.put("replaced_task_nesting", 0);
        expected.put("stamped_headers", null);
        expected.put("stamps", Map.of());
        var written = new LinkedHashMap<>(java.headers());
        assertThat(String.valueOf(written.remove("origin"))).matches("gen\\d+@.+");
        assertThat(written.remove("sent_at")).isInstanceOf(Double.class); // only Java tells it
        assertThat(comparable(written)).isEqualTo(comparable(expected));
    }

    /// Transports differ in whether a small number is an `Integer` or a `Long`.
    private static Map<String, String> comparable(Map<String, ?> headers) {
        var texts = new LinkedHashMap<String, String>();
        headers.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(header -> texts.put(header.getKey(), String.valueOf(header.getValue())));
        return texts;
    }

    /// In a store that keeps JSON.
    @Test
    void javaStoresTheRecordThatPythonStores() {
        if (onlyTheSenderSeesResults()) {
            return; // nothing is stored
        }
        assertThat(stored("java", "contract.add", "1, 2"))
                .isEqualTo(stored("python", "contract.add", "1, 2"));
        assertThat(stored("java", "contract.unheard_of", ""))
                .isEqualTo(stored("python", "contract.unheard_of", ""));
        var javas = failure("java");
        assertThat(javas.keySet()).isEqualTo(failure("python").keySet());
        assertThat(javas)
                .isEqualTo(
                        Map.of(
                                "exc_type",
                                "IllegalArgumentException",
                                "exc_message",
                                List.of("bad"),
                                "exc_module",
                                "java.lang"));
    }

    private Map<?, ?> failure(String queue) {
        return (Map<?, ?>)
                Objects.requireNonNull(stored(queue, "contract.fail", "'bad'").get("result"));
    }

    private Map<String, @Nullable Object> stored(String queue, String task, String arguments) {
        var id =
                python(
                        "send('%s', %s queue=PREFIX + '%s')"
                                .formatted(
                                        task, arguments.isEmpty() ? "" : arguments + ",", queue));
        outcome(literal(id));
        var record = new LinkedHashMap<String, @Nullable Object>();
        var text = (String) python("stored(%s)".formatted(literal(id)));
        if (json.read(String.valueOf(text)) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> record.put((String) name, value));
        }
        assertThat(record.remove("task_id")).isEqualTo(id);
        assertThat(record.remove("date_done"))
                .asString()
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?(\\+00:00)?");
        return record;
    }
}
