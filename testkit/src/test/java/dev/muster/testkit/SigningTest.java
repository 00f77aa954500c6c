package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.codec.ContentRefusedException;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Signed bodies, and what is wrong with those that are not signed as they must be.
class SigningTest {
    private static final List<Object> CONTENT = List.of(List.of(1L, "é \u0000\u0001"), Map.of());
    private static @TempDir Path folder;
    private static @TempDir Path elsewhere;

    @BeforeAll
    static void makeCertificates() {
        TestCertificate.make(folder, "client");
        TestCertificate.Options.of(folder, "expired")
                .withValidity(Duration.ofDays(-2), Duration.ofDays(-1))
                .make();
        TestCertificate.Options.of(folder, "future")
                .withValidity(Duration.ofDays(1), Duration.ofDays(2))
                .make();
        TestCertificate.make(elsewhere, "stranger");
    }

    private static Settings signedBy(Path place, String name) {
        return Settings.DEFAULT.withAll(
                Map.of(
                        "task_serializer",
                        "auth",
                        "security_key",
                        place.resolve(name + ".key").toString(),
                        "security_certificate",
                        place.resolve(name + ".pem").toString(),
                        "security_cert_store",
                        folder + "/*.pem"));
    }

    private static Message message(Settings settings) {
        return new Serializers(settings).message(CONTENT, Map.of());
    }

    private static @Nullable Object read(Message message) {
        return new Serializers(signedBy(folder, "client")).read(message);
    }

    private static Message withBody(Message message, byte[] body) {
        return new Message(
                body,
                message.contentType(),
                message.contentEncoding(),
                message.headers(),
                message.properties());
    }

    /// Changes what is inside of the outer base64, as Latin-1.
    private static Message changed(Message message, UnaryOperator<String> change) {
        var inside = new String(Base64.getDecoder().decode(message.body()), ISO_8859_1);
        return withBody(
                message, Base64.getEncoder().encode(change.apply(inside).getBytes(ISO_8859_1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"celery-5.3", "celery-5.2"})
    void readsWhatItSigns(String form) {
        for (var digest : List.of("sha224", "sha256", "sha384", "sha512")) {
            var settings =
                    signedBy(folder, "client")
                            .with("security_format", form)
                            .with("security_digest", digest);
            var message = message(settings);

            assertThat(message.contentType()).isEqualTo("application/data");
            assertThat(new Serializers(settings).read(message)).as(digest).isEqualTo(CONTENT);
        }
    }

    @Test
    void readsWhatCelery56HasSigned(@TempDir Path store) throws IOException {
        var recorded =
                (Map<?, ?>)
                        Objects.requireNonNull(
                                new Json(false)
                                        .read(
                                                Objects.requireNonNull(
                                                                getClass()
                                                                        .getResourceAsStream(
                                                                                "signed-5.6.json"))
                                                        .readAllBytes()));
        Files.writeString(store.resolve("worker.pem"), String.valueOf(recorded.get("certificate")));
        var serializers =
                new Serializers(
                        Settings.DEFAULT.withAll(
                                Map.of(
                                        "accept_content",
                                        "auth",
                                        "security_cert_store",
                                        store.toString())));
        var body = String.valueOf(recorded.get("body")).getBytes(UTF_8);
        var message =
                new Message(
                        body, "application/data", "utf-8", Map.of(), Message.Properties.DEFAULT);

        assertThat(String.valueOf(serializers.read(message)))
                .isEqualTo("[[1, é], {}, {callbacks=null}]");
    }

    @Test
    void refusesSignersThatDoNotCount() {
        assertThatThrownBy(() -> read(message(signedBy(elsewhere, "stranger"))))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("stranger")
                .hasMessageContaining("signer is not in security_cert_store");
        assertThatThrownBy(() -> read(message(signedBy(folder, "expired"))))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("expired on 20");
        assertThatThrownBy(() -> read(message(signedBy(folder, "future"))))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("not valid before 20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"celery-5.3", "celery-5.2"})
    void refusesWhatWasChangedOrCutOff(String form) {
        var good = message(signedBy(folder, "client").with("security_format", form));

        assertThatThrownBy(() -> read(changed(good, inside -> inside.replace("[[1", "[[2"))))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("signature is wrong")
                .hasMessageContaining("US Acme");
        assertThatThrownBy(() -> read(changed(good, inside -> inside.replace("/json", "/x-yaml"))))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("only application/json in utf-8 is read");
        var signed = new String(Base64.getDecoder().decode(good.body()), ISO_8859_1);
        var length = signed.length();
        for (var end = 0; end < length; end += 7) {
            var cut = end;
            assertThatThrownBy(() -> read(changed(good, inside -> inside.substring(0, cut))))
                    .as("cut at %d", end)
                    .isInstanceOf(DecodeException.class);
        }
        for (var index = 0; index < length; index += 5) {
            if (signed.startsWith("=", index + 1)) {
                continue; // the last letter of base64 has bits without meaning
            }
            var place = index;
            assertThatThrownBy(() ->
                            read(
                                    changed(
                                            good,
                                            inside ->
                                                    inside.substring(0, place)
                                                            + (char) (inside.charAt(place) ^ 4)
                                                            + inside.substring(place + 1))))
                    .as("changed at %d", index)
                    .isInstanceOf(DecodeException.class);
        }
        assertThatThrownBy(() -> read(withBody(good, "no base64!".getBytes(UTF_8))))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("no base64");
    }

    @Test
    void readsNothingUnsigned() {
        var unsigned = message(Settings.DEFAULT);

        assertThatThrownBy(() -> read(unsigned))
                .isInstanceOf(ContentRefusedException.class)
                .hasMessageContaining("accept_content does not name it");
    }

    @Test
    void readsKeysInEachUsualForm(@TempDir Path place) {
        var forms =
                List.of(
                        TestCertificate.Options.of(place, "pkcs1").withTraditionalKey(),
                        TestCertificate.Options.of(place, "encrypted").withPassword("hush hush"));
        for (var each : forms) {
            each.make();
            var settings =
                    signedBy(place, each.name())
                            .with("security_cert_store", place.toString() + "/*.pem");
            settings =
                    each.password() == null
                            ? settings
                            : settings.with("security_key_password", each.password());
            var serializers = new Serializers(settings);
            assertThat(serializers.read(serializers.message(CONTENT, Map.of()))).isEqualTo(CONTENT);
        }
        var encrypted = signedBy(place, "encrypted");
        assertRefused(encrypted, "encrypted.key", "is encrypted", "security_key_password");
        assertRefused(encrypted.with("security_key_password", "guess"), "cannot be decrypted");
        TestCertificate.Options.of(place, "old").withTraditionalKey().withPassword("x").make();
        assertRefused(signedBy(place, "old"), "old.key", "openssl pkcs8");
        TestCertificate.Options.of(place, "elliptic").withEllipticKey().make();
        assertRefused(signedBy(place, "elliptic"), "elliptic.key", "none of RSA");
        assertRefused(
                signedBy(place, "pkcs1").with("security_key", folder.resolve("client.key")),
                "does not belong",
                "pkcs1.pem");
        assertRefused(
                signedBy(place, "missing"),
                "setting security_key: there is no file",
                "missing.key");
        assertRefused(
                signedBy(place, "pkcs1").with("security_cert_store", place + "/[ab"),
                "security_cert_store",
                "'[ab' is no pattern of file names");
        assertRefused(
                signedBy(place, "pkcs1").with("security_cert_store", place + "/*.crt"),
                "no file matches",
                "*.crt");
        assertRefused(
                Settings.DEFAULT.with("task_serializer", "auth"),
                "security_key",
                "security_certificate");
        assertRefused(Settings.DEFAULT.with("accept_content", "auth"), "security_cert_store");
        assertRefused(signedBy(place, "pkcs1").with("security_digest", "md5"), "md5", "sha256");
    }

    private static void assertRefused(Settings settings, String... words) {
        assertThatThrownBy(() -> new Serializers(settings))
                .isInstanceOf(SettingsException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }
}
