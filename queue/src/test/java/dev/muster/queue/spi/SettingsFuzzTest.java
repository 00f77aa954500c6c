package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What people write for this program.
class SettingsFuzzTest {
    @TempDir private Path folder;

    @FuzzTest
    void files() {
        var file = folder.resolve("muster.yaml");
        Fuzzer.of("muster.yaml")
                .seeds(
                        "broker_url: redis://:secret@localhost:6379/0\nresult_backend: sqlite:a.db\n",
                        "accept_content: [json, yaml]\nresult_expires: 1d\ntask_acks_late: yes\n",
                        "task_routes:\n  tasks.add: {queue: fast, priority: 5}\n  'a.*': slow\n",
                        "beat_schedule:\n  nightly:\n    task: tasks.add\n    schedule: 0 4 * * *\n    args: [1, 2]\n",
                        "worker_concurrency: 4\nworker_prefetch_multiplier: 1\n")
                .refusing(SettingsException.class)
                .run(input -> {
                    Files.write(file, input);
                    Settings.load(file, Map.of(), new Properties());
                });
    }

    /// As in a variable or an option: all settings take the same text.
    @FuzzTest
    void values() {
        var settings = Setting.all().values();
        Fuzzer.of("values of settings")
                .seeds("10", "1.5h", "true", "{a: {b: 1}, c: [d]}", "a, b", "none", "json")
                .runText(text -> {
                    for (var setting : settings) {
                        try {
                            setting.read(text);
                        } catch (SettingsException _) {
                            // It is the text of another setting.
                        }
                    }
                });
    }

    @FuzzTest
    void durations() {
        Fuzzer.of("durations")
                .seeds("10", "1.5s", "500ms", "7d")
                .refusing(IllegalArgumentException.class)
                .runText(text -> Setting.toDuration(text));
    }

    @FuzzTest
    void urls() {
        Fuzzer.of("URLs of services")
                .seeds(
                        "redis://user:sec%2Fret@localhost:6379/0?ssl=true&a=b%20c",
                        "amqp://localhost//vhost;amqp://[::1]:5672/a",
                        "sqlite:folder/queue.db",
                        "memory:",
                        "redis+socket:///tmp/redis.sock?virtual_host=2")
                .refusing(SettingsException.class)
                .runText(text -> {
                    for (var url : ServiceUrl.parse(text).each()) {
                        var _ = url.toString();
                    }
                });
    }

    @FuzzTest
    void secrets() {
        var secrets = new Secrets(Pattern.compile("secret"), "**");
        Fuzzer.of("texts with secrets")
                .seeds("redis://:secret@localhost/0", "no secret")
                .runText(text -> secrets.shown(text));
    }

    private static String pem(String label, byte[] content) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .formatted(label, Base64.getMimeEncoder().encodeToString(content), label);
    }

    @FuzzTest
    void certificates() throws GeneralSecurityException, IOException {
        var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init((KeyStore) null);
        var certificate =
                ((X509TrustManager) trusted.getTrustManagers()[0]).getAcceptedIssuers()[0];
        var file = folder.resolve("certificate.pem");
        Fuzzer.of("certificates")
                .seeds(pem("CERTIFICATE", certificate.getEncoded()))
                .refusing(SettingsException.class)
                .run(input -> {
                    Files.write(file, input);
                    Pem.certificates(new Pem.Source(file, "ssl_ca_certs"));
                });
    }

    @FuzzTest
    void keys() throws GeneralSecurityException {
        var key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        var file = folder.resolve("key.pem");
        Fuzzer.of("keys")
                .seeds(pem("PRIVATE KEY", key.getEncoded()))
                .refusing(SettingsException.class)
                .run(input -> {
                    Files.write(file, input);
                    Pem.privateKey(new Pem.Source(file, "ssl_keyfile"), "password", "a setting");
                });
    }

    /// Found once: it became the longest time there is, and adding to that overflowed.
    @Test
    void aTimeOfMillionsOfYearsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Setting.toDuration("9372036854775808"))
                .withMessage("must be at most 100000d, was '9372036854775808'");
        assertThat(Setting.toDuration("100000d")).isEqualTo(Duration.ofDays(100_000));
    }
}
