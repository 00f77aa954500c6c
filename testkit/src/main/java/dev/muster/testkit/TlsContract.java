package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a broker and its results do over TLS, with certificates on both sides: work with the right
/// ones, and say what is wrong with others. Extend it, and start a server that asks clients for
/// certificates.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
public abstract class TlsContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String queue = "tls-" + UUID.randomUUID();
    private Path folder;

    /// Starts the server.
    protected abstract void start(ServerTls tls);

    protected abstract void stopServer();

    /// With the host `localhost`.
    protected abstract String url();

    /// The value of `result_backend`.
    protected abstract String results();

    /// What Celery puts before the names of TLS options.
    protected abstract String optionPrefix();

    static final class Tasks {
        private Tasks() {}

        @Task(name = "tls.add")
        static long add(long a, long b) {
            return a + b;
        }
    }

    @BeforeAll
    final void startServer(@TempDir Path place) {
        folder = place;
        TestCertificate.make(folder, "ca");
        TestCertificate.make(folder, "other-ca");
        var server =
                TestCertificate.Options.of(folder, "server")
                        .withIssuer("ca")
                        .withHost("localhost")
                        .make();
        TestCertificate.Options.of(folder, "client").withIssuer("ca").make();
        TestCertificate.Options.of(folder, "stranger").withIssuer("other-ca").make();
        TestCertificate.Options.of(folder, "expired")
                .withIssuer("ca")
                .withValidity(Duration.ofDays(-2), Duration.ofDays(-1))
                .make();
        TestCertificate.Options.of(folder, "locked")
                .withIssuer("ca")
                .withPassword("open sesame")
                .withEllipticKey()
                .make();
        start(new ServerTls(server, folder.resolve("ca.pem")));
    }

    @AfterAll
    final void stop() {
        stopServer();
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    /// As maps of settings.
    private Muster open(String url, Map<String, Object> options) {
        return Muster.builder()
                .settings(
                        Settings.DEFAULT.withAll(
                                Map.of(
                                        "broker_url", url,
                                        "result_backend", results(),
                                        "broker_use_ssl", options,
                                        "redis_backend_use_ssl", options,
                                        "task_default_queue", queue,
                                        "broker_connection_timeout", "10s",
                                        "task_publish_retry", false)))
                .tasks(Tasks.class)
                .build();
    }

    private Map<String, Object> options(String ca, String client) {
        return Map.of(
                optionPrefix() + "ca_certs", file(ca + ".pem"),
                optionPrefix() + "certfile", file(client + ".pem"),
                optionPrefix() + "keyfile", file(client + ".key"));
    }

    private Map<String, Object> with(Map<String, Object> options, String name, Object value) {
        var changed = new HashMap<>(options);
        changed.put(name, value);
        return changed;
    }

    @Test
    void allWorksWithTheRightCertificates() {
        try (var muster = open(url(), options("ca", "client"));
                var worker = muster.worker().queues(queue).start()) {
            assertThat(worker.awaitReady(PATIENCE)).isTrue();
            assertThat(muster.send(call(Tasks::add, 2L, 3L)).get(PATIENCE)).isEqualTo(5);
            assertThat(muster.control().to(worker.hostname()).within(Duration.ofSeconds(20)).ping())
                    .containsOnlyKeys(worker.hostname());

            var python = new StringBuilder("import ssl\nfrom celery import Celery\n");
            python.append(
                    "options = dict(%1$sca_certs='%2$s', %1$scertfile='%3$s', %1$skeyfile='%4$s', %1$scert_reqs=ssl.CERT_REQUIRED)\n"
                            .formatted(
                                    optionPrefix(),
                                    file("ca.pem"),
                                    file("client.pem"),
                                    file("client.key")));
            python.append(
                    "app = Celery('tls', broker='%s', backend='%s')\n".formatted(url(), results()));
            python.append(
                    "app.conf.update(broker_use_ssl=options, redis_backend_use_ssl=options)\n");
            python.append(
                    "print(app.send_task('tls.add', [3, 4], queue='%s').get(timeout=60))\n"
                            .formatted(queue));
            assertThat(Python.program(python.toString()).run()).containsExactly("7");
        }
    }

    @Test
    void aUrlSaysTheSameAsTheSettings() {
        var url =
                "%s?ssl_ca_certs=%s&ssl_certfile=%s&ssl_keyfile=%s&ssl_keyfile_password=open%%20sesame"
                        .formatted(url(), file("ca.pem"), file("locked.pem"), file("locked.key"));
        try (var muster = open(url, Map.of())) {
            assertThat(muster.queueLength(queue)).isZero();
            assertThat(muster.brokerDescription()).doesNotContain("sesame");
        }
    }

    @Test
    void saysWhatIsWrong() {
        var good = options("ca", "client");
        assertFails(options("other-ca", "client"), "not signed by one in", "other-ca.pem");
        assertFails(Map.of("cert_reqs", "required"), "ssl_ca_certs");
        assertFails(
                Map.of("ca_certs", file("ca.pem")), "wants a client certificate", "ssl_certfile");
        assertFails(options("ca", "stranger"), "does not accept", "stranger.pem");
        assertFails(options("ca", "expired"), "does not accept", "expired.pem");
        assertFails(options("ca", "missing"), "ssl_keyfile: there is no file", "missing.key");
        assertFails(options("missing", "client"), "ssl_ca_certs: there is no file", "missing.pem");
        assertFails(options("ca", "locked"), "encrypted", "locked.key", "ssl_keyfile_password");
        assertFails(
                with(good, optionPrefix() + "keyfile", file("stranger.key")),
                "does not belong",
                "stranger.key",
                "client.pem");
        assertFails(
                with(good, optionPrefix() + "ca_certs", file("client.key")),
                "no certificate",
                "client.key");
        assertFails(with(good, "ca_cert", "x"), "ca_cert'", "did you mean 'ca_certs'");
        assertFails(with(good, "cert_reqs", "maybe"), "maybe", "required");
        assertThatThrownBy(
                        () -> {
                            try (var muster = open(url().replace("localhost", "127.0.0.1"), good)) {
                                muster.queueLength(queue);
                            }
                        })
                .isInstanceOf(MusterException.class)
                .hasMessageContaining("another host");
        try (var muster =
                open(
                        url().replace("localhost", "127.0.0.1"),
                        with(good, "check_hostname", false))) {
            assertThat(muster.queueLength(queue)).isZero();
        }
    }

    private void assertFails(Map<String, Object> options, String... words) {
        assertThatThrownBy(
                        () -> {
                            try (var muster = open(url(), options)) {
                                muster.queueLength(queue);
                            }
                        })
                .as("%s", List.of(words))
                .isInstanceOf(MusterException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void newFilesAreUsedByTheNextConnection() throws IOException {
        replace("stranger", Instant.now().minusSeconds(100));
        try (var muster = open(url(), options("ca", "mine"))) {
            assertThatThrownBy(() -> muster.queueLength(queue)).isInstanceOf(MusterException.class);

            replace("client", Instant.now());

            assertThat(muster.queueLength(queue)).isZero();
        }
    }

    private void replace(String name, Instant time) throws IOException {
        for (var suffix : List.of(".pem", ".key")) {
            var file =
                    Files.copy(
                            folder.resolve(name + suffix),
                            folder.resolve("mine" + suffix),
                            StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(file, FileTime.from(time));
        }
    }
}
