package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.testkit.RedisServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern ADDRESS = Pattern.compile(" http: +(http://\\S+)");

    @TempDir private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    private String application() {
        return Cli.write(folder, "Waiter.java", WorkerTest.WAITER).toString();
    }

    static String address(MusterProcess process) {
        process.awaitOutput(".> http:");
        var matcher = ADDRESS.matcher(process.output());
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private HttpResponse<String> ask(String method, String url) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(url, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> get(String url) {
        return ask("GET", url);
    }

    private void awaitStatus(String url, int status) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(url).statusCode()).isEqualTo(status));
    }

    @Test
    void aWorkerIsReadyWhileItsBrokerIsThereAndAliveAllTheTime() throws Exception {
        try (var redis = RedisServer.create();
                var worker =
                        MusterProcess.start(
                                folder,
                                "worker",
                                "-A",
                                application(),
                                "-b",
                                redis.url(),
                                "--http",
                                "0")) {
            var address = address(worker);
            assertThat(address).startsWith("http://127.0.0.1:").doesNotEndWith(":0");
            awaitStatus(address + "/readyz", 200);
            var ready = get(address + "/readyz");
            assertThat(ready.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(ready.body()).contains("\"status\": \"ok\"", "\"state\": \"ready\"");

            redis.stop();
            awaitStatus(address + "/readyz", 503);
            assertThat(get(address + "/readyz").body())
                    .contains(
                            "\"status\": \"unavailable\"", "\"state\": \"waiting\"", "\"reason\"");
            assertThat(get(address + "/healthz").statusCode()).isEqualTo(200);

            redis.start();
            awaitStatus(address + "/readyz", 200);
        }
    }

    @Test
    void aWorkerIsNotReadyFromTheBeginningOfItsShutdownOn() throws Exception {
        var broker = "sqlite:" + folder.resolve("queue.db");
        try (var worker =
                MusterProcess.start(
                        folder, "worker", "-A", application(), "-b", broker, "--http", "0")) {
            var address = address(worker);
            awaitStatus(address + "/readyz", 200);
            Cli.run("call", "Waiter.until", "later", "-b", broker);
            worker.awaitOutput("waiting for later");
            worker.signal("TERM");
            worker.awaitOutput("warm shutdown");

            assertThat(get(address + "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(address + "/readyz").body()).contains("\"state\": \"stopping\"");
            assertThat(get(address + "/healthz").statusCode()).isEqualTo(200);
            Files.createFile(folder.resolve("later"));
            assertThat(worker.awaitExit()).isZero();
        }
    }

    @Test
    void aBeatAnswersAsAWorkerDoesAndAWorkerAlsoForItsBeat() throws Exception {
        try (var beat =
                        MusterProcess.start(
                                folder, "beat", "-b", "sqlite:queue.db", "--http", "127.0.0.1:0");
                var worker =
                        MusterProcess.start(
                                folder,
                                "worker",
                                "-A",
                                application(),
                                "-B",
                                "-s",
                                "other.json",
                                "-b",
                                "sqlite:queue.db",
                                "--http",
                                "[::1]:0")) {
            var ofBeat = address(beat);
            awaitStatus(ofBeat + "/readyz", 200);
            assertThat(get(ofBeat + "/healthz").body()).contains("\"beat\": {\"state\": \"ready\"");
            var ofWorker = address(worker);
            awaitStatus(ofWorker + "/readyz", 200);
            assertThat(get(ofWorker + "/readyz").body())
                    .contains(
                            "\"worker\": {\"state\": \"ready\"", "\"beat\": {\"state\": \"ready\"");
        }
    }

    @Test
    void anAddressThatCannotBeHadIsAnErrorThatNamesTheWayOut() throws Exception {
        var app = application();
        try (var taken = new ServerSocket(0)) {
            var port = Integer.toString(taken.getLocalPort());
            var clash = Cli.run("worker", "-A", app, "-b", "memory:", "--http", "0.0.0.0:" + port);

            assertThat(clash.status()).isEqualTo(1);
            assertThat(clash.err())
                    .contains("0.0.0.0:" + port + " cannot be listened at", "--http takes another");
        }
        var wrong = Cli.run("worker", "-A", app, "-b", "memory:", "--http", "here");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("HOST:PORT", "'here'");
    }

    @Test
    void whatIsNotThereIsNotFoundAndNothingCanBeSent() {
        try (var endpoints = Endpoints.bind(HttpOption.parse("0"))) {
            endpoints
                    .with("/here", () -> new Endpoints.Answer(200, "text/plain", "yes"))
                    .with(
                            "/broken",
                            () -> {
                                throw new IllegalStateException("secret");
                            })
                    .start();
            var there = endpoints.url();

            assertThat(get(there + "/here").body()).isEqualTo("yes");
            var head = ask("HEAD", there + "/here");
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            var missing = get(there + "/here/more");
            assertThat(missing.statusCode()).isEqualTo(404);
            assertThat(missing.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(missing.body()).contains("\"error\"", "/here");
            var post = ask("POST", there + "/here");
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("Allow")).contains("GET, HEAD");
            var broken = get(there + "/broken");
            assertThat(broken.statusCode()).isEqualTo(500);
            assertThat(broken.body()).doesNotContain("secret");
        }
    }

    @Test
    void whoNeverFinishesARequestKeepsOthersFromAnAnswerForSecondsOnly() throws Exception {
        try (var endpoints = Endpoints.bind(HttpOption.parse("0"))) {
            endpoints.with("/", () -> new Endpoints.Answer(200, "text/plain", "yes")).start();
            var address = URI.create(endpoints.url());
            var slow = new Socket[8]; // more than there are threads
            for (var index = 0; index < slow.length; index++) {
                slow[index] = new Socket(address.getHost(), address.getPort());
                slow[index].getOutputStream().write("GET /".getBytes(StandardCharsets.US_ASCII));
            }

            awaitStatus(endpoints.url() + "/", 200);
            for (var socket : slow) {
                socket.close();
            }
        }
    }
}
