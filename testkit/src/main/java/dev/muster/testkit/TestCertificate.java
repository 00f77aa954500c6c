package dev.muster.testkit;

import dev.muster.queue.codec.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/// A certificate and its private key, made for a test: the files `NAME.pem` and `NAME.key` in a
/// folder (Debian package `python3-cryptography`).
///
/// @param certificate in PEM
/// @param key in PEM
public record TestCertificate(Path certificate, Path key) {
    private static final Json JSON = new Json(false);

    /// What a certificate is to be like.
    ///
    /// @param folder for the files
    /// @param name of the files, and common name of who has it
    /// @param issuer the name of the certificate, in the same folder, that vouches for it; null for
    ///   itself
    /// @param host that it is for, a name or an address; null for none
    /// @param from when it begins to be valid, from now on
    /// @param to when it ceases to be
    /// @param password of the key; null for none
    /// @param traditional whether the key is in the form of before PKCS #8
    /// @param elliptic whether the key is none of RSA
    public record Options(
            Path folder,
            String name,
            @Nullable String issuer,
            @Nullable String host,
            Duration from,
            Duration to,
            @Nullable String password,
            boolean traditional,
            boolean elliptic) {
        /// Vouches for itself, valid since an hour for a day, RSA, key not encrypted.
        public static Options of(Path folder, String name) {
            return new Options(
                    folder,
                    name,
                    null,
                    null,
                    Duration.ofHours(-1),
                    Duration.ofDays(1),
                    null,
                    false,
                    false);
        }

        public Options withIssuer(String value) {
            return new Options(
                    folder, name, value, host, from, to, password, traditional, elliptic);
        }

        public Options withHost(String value) {
            return new Options(
                    folder, name, issuer, value, from, to, password, traditional, elliptic);
        }

        public Options withValidity(Duration begin, Duration end) {
            return new Options(
                    folder, name, issuer, host, begin, end, password, traditional, elliptic);
        }

        public Options withPassword(String value) {
            return new Options(folder, name, issuer, host, from, to, value, traditional, elliptic);
        }

        public Options withTraditionalKey() {
            return new Options(folder, name, issuer, host, from, to, password, true, elliptic);
        }

        public Options withEllipticKey() {
            return new Options(folder, name, issuer, host, from, to, password, traditional, true);
        }

        public TestCertificate make() {
            var wanted = new HashMap<String, @Nullable Object>();
            wanted.put("folder", folder.toString());
            wanted.put("name", name);
            wanted.put("issuer", issuer);
            wanted.put("host", host);
            wanted.put("from", from.toSeconds());
            wanted.put("to", to.toSeconds());
            wanted.put("password", password);
            wanted.put("traditional", traditional);
            wanted.put("elliptic", elliptic);
            Python.resource(TestCertificate.class, "certificates.py")
                    .withArguments(JSON.writeText(wanted))
                    .run();
            return new TestCertificate(
                    folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
        }
    }

    /// One that vouches for itself, as [Options#of] has it.
    public static TestCertificate make(Path folder, String name) {
        return Options.of(folder, name).make();
    }
}
