package dev.muster.testkit;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Settings;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// Signed bodies, as they come and under their Base64.
class SignedFuzzTest {
    private static @TempDir Path folder;

    @BeforeAll
    static void makeCertificate() {
        TestCertificate.make(folder, "client");
    }

    private static Serializers serializers(String format) {
        return new Serializers(
                Settings.DEFAULT.withAll(
                        Map.of(
                                "task_serializer",
                                "auth",
                                "security_format",
                                format,
                                "security_key",
                                folder.resolve("client.key").toString(),
                                "security_certificate",
                                folder.resolve("client.pem").toString(),
                                "security_cert_store",
                                folder + "/*.pem")));
    }

    @FuzzTest
    void signedBodies() {
        var reading = serializers("celery-5.3").byName("auth");
        var content = List.of(List.of(1), Map.of("a", "b"), Map.of());
        var signed = reading.encode(content);
        var bare = serializers("celery-5.2").byName("auth").encode(content);
        Fuzzer.of("signed bodies")
                .seeds(signed, bare)
                .refusing(DecodeException.class)
                .run(reading::decode);
        Fuzzer.of("signed bodies under their Base64")
                .seeds(Base64.getDecoder().decode(signed), Base64.getDecoder().decode(bare))
                .refusing(DecodeException.class)
                .run(input -> reading.decode(Base64.getEncoder().encode(input)));
    }
}
