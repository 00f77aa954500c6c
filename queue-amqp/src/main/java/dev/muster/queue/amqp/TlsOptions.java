package dev.muster.queue.amqp;

import com.rabbitmq.client.ConnectionFactory;
import dev.muster.queue.spi.SettingsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// The TLS parameters of an `amqps://` URL, files in PEM form, named as kombu names them. The
/// server's certificate and name are always verified.
///
/// @param caCertificates whom to trust; null for those that Java trusts
/// @param certificate our own certificate with its chain; null for none
/// @param key the private key to it (PKCS #8, not encrypted); null: it is in the same file
record TlsOptions(@Nullable Path caCertificates, @Nullable Path certificate, @Nullable Path key) {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");

    static TlsOptions of(Map<String, String> query) {
        var verification = query.getOrDefault("ssl_cert_reqs", "CERT_REQUIRED");
        if (!verification.equals("CERT_REQUIRED") && !verification.equals("required")) {
            throw new SettingsException(
                    "ssl_cert_reqs=%s: the server's certificate is always verified here; name its authority with ssl_ca_certs"
                            .formatted(verification));
        }
        return new TlsOptions(
                path(query, "ssl_ca_certs"),
                path(query, "ssl_certfile"),
                path(query, "ssl_keyfile"));
    }

    private static @Nullable Path path(Map<String, String> query, String name) {
        var text = query.get(name);
        return text == null ? null : Path.of(text);
    }

    void applyTo(ConnectionFactory factory) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    certificate == null ? null : ownKeys(certificate).getKeyManagers(),
                    caCertificates == null ? null : trusted(caCertificates).getTrustManagers(),
                    null);
            factory.useSslProtocol(context);
            factory.enableHostnameVerification();
        } catch (IOException | GeneralSecurityException e) {
            throw new SettingsException(
                    "the files of ssl_ca_certs, ssl_certfile and ssl_keyfile in broker_url cannot be used: "
                            + e,
                    e);
        }
    }

    private static TrustManagerFactory trusted(Path file)
            throws IOException, GeneralSecurityException {
        var store = emptyStore();
        for (var certificate : certificates(file)) {
            store.setCertificateEntry("ca-" + store.size(), certificate);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private KeyManagerFactory ownKeys(Path certificateFile)
            throws IOException, GeneralSecurityException {
        var store = emptyStore();
        var password = new char[0]; // the store lives in memory only
        store.setKeyEntry(
                "own",
                privateKey(key == null ? certificateFile : key),
                password,
                certificates(certificateFile).toArray(Certificate[]::new));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory;
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        // The factory does not skip a private key in the same file.
        var text = KEY.matcher(Files.readString(file)).replaceAll("");
        return List.copyOf(
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(
                                        text.getBytes(StandardCharsets.US_ASCII))));
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        var text = KEY.matcher(Files.readString(file));
        if (!text.find()) {
            throw new InvalidKeySpecException(
                    file
                            + " has no 'BEGIN PRIVATE KEY'; convert it: openssl pkcs8 -topk8 -nocrypt");
        }
        var specification = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text.group(1)));
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(specification);
            } catch (InvalidKeySpecException e) {
                // Another algorithm's key.
            }
        }
        throw new InvalidKeySpecException(
                file + " holds neither an RSA nor an EC nor an EdDSA key");
    }
}
