package dev.muster.queue.spi;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// TLS as a URL describes it, in kombu's terms: the parameters `ssl_cert_reqs`, `ssl_ca_certs`,
/// `ssl_certfile`, `ssl_keyfile` (PEM files; a key is PKCS #8 and not encrypted) and
/// `ssl_check_hostname`.
///
/// Without parameters the server needs a certificate that the JDK trusts and that names its host.
///
/// @param context with our keys, and whom we trust
/// @param checksHostName whether the server's certificate must name the host
public record TlsOptions(SSLContext context, boolean checksHostName) {
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");

    /// @throws SettingsException when a file cannot be read or a parameter makes no sense
    public static TlsOptions of(ServiceUrl url) {
        var query = url.query();
        var verify =
                switch (query.getOrDefault("ssl_cert_reqs", "required").toLowerCase(Locale.ROOT)) {
                    // What is optional for a server is demanded by every client: Python checks,
                    // too.
                    case "required", "cert_required", "optional", "cert_optional" -> true;
                    case "none", "cert_none" -> false;
                    default ->
                            throw new SettingsException(
                                    "%s: ssl_cert_reqs is required, optional or none, was '%s'"
                                            .formatted(url, query.get("ssl_cert_reqs")));
                };
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    keys(query.get("ssl_certfile"), query.get("ssl_keyfile")),
                    verify
                            ? trusted(query.get("ssl_ca_certs"))
                            : new TrustManager[] {new TrustAll()},
                    new SecureRandom());
            return new TlsOptions(
                    context, verify && !"false".equalsIgnoreCase(query.get("ssl_check_hostname")));
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new SettingsException(
                    "%s: the files of ssl_ca_certs, ssl_certfile and ssl_keyfile cannot be used: %s"
                            .formatted(url, e),
                    e);
        }
    }

    private static TrustManager @Nullable [] trusted(@Nullable String file)
            throws GeneralSecurityException, IOException {
        if (file == null) {
            return null;
        }
        var store = emptyStore();
        var number = 0;
        for (var certificate : certificates(file)) {
            store.setCertificateEntry("ca-" + number++, certificate);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keys(
            @Nullable String certificateFile, @Nullable String keyFile)
            throws GeneralSecurityException, IOException {
        if (certificateFile == null) {
            return null;
        }
        // As in Python, one file may hold both.
        var key = privateKey(keyFile == null ? certificateFile : keyFile);
        var store = emptyStore();
        var chain = certificates(certificateFile).toArray(Certificate[]::new);
        store.setKeyEntry("client", key, new char[0], chain);
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static List<? extends Certificate> certificates(String file)
            throws GeneralSecurityException, IOException {
        // The factory does not skip a private key in the same file.
        var text = PRIVATE_KEY.matcher(Files.readString(Path.of(file))).replaceAll("");
        return List.copyOf(
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(
                                        text.getBytes(StandardCharsets.US_ASCII))));
    }

    private static PrivateKey privateKey(String file) throws GeneralSecurityException, IOException {
        var matcher = PRIVATE_KEY.matcher(Files.readString(Path.of(file)));
        if (!matcher.find()) {
            throw new InvalidKeySpecException(
                    "%s holds no unencrypted PKCS#8 key; 'openssl pkcs8 -topk8 -nocrypt -in %s' writes one"
                            .formatted(file, file));
        }
        var key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException e) {
                // The encoding does not tell us the algorithm before one of them has read it.
            }
        }
        throw new InvalidKeySpecException(file + " holds a key that is neither RSA, EC nor EdDSA");
    }

    /// For `ssl_cert_reqs=none`: encrypted, but with whoever answers.
    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
