package dev.muster.queue.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a server is spoken to over TLS: whom we trust, and who we are, in PEM files (celery-wire
/// 10.2). Thread-safe.
///
/// A URL says it with the parameters `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`,
/// `ssl_keyfile_password`, `ssl_cert_reqs` and `ssl_check_hostname`; a map, such as the setting
/// `broker_use_ssl`, with the same names, of which `ssl_` may be left out. The URL decides where
/// both do. Without any the server needs a certificate that the JDK trusts and that names its host.
public final class TlsOptions {
    private static final Logger LOG = LoggerFactory.getLogger(TlsOptions.class);
    private static final String CA_CERTS = "ca_certs";
    private static final String CERTFILE = "certfile";
    private static final String KEYFILE = "keyfile";
    private static final String PASSWORD = "keyfile_password";
    private static final String CERT_REQS = "cert_reqs";
    private static final String CHECK_HOSTNAME = "check_hostname";
    private static final List<String> NAMES =
            List.of(CA_CERTS, CERTFILE, KEYFILE, PASSWORD, CERT_REQS, CHECK_HOSTNAME);

    private final String where;
    private final Map<String, String> options;
    private final boolean verifies;
    private final boolean checksHostName;
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock, as is what it was made of.
    private SSLContext context;

    private Map<Path, FileTime> versions;

    private TlsOptions(String where, Map<String, String> options) {
        this.where = where;
        this.options = options;
        this.verifies = verifies();
        this.checksHostName = verifies && flag(CHECK_HOSTNAME);
        this.versions = versions();
        this.context = read();
    }

    /// Whether the server of this URL is to be spoken to over TLS.
    ///
    /// @param scheme that says so by itself
    /// @param map of the setting, empty when that is not set
    public static boolean wanted(ServiceUrl url, String scheme, Map<String, Object> map) {
        return url.scheme().equals(scheme) || !map.isEmpty();
    }

    /// @param setting the name of the setting that `map` is the value of
    /// @throws SettingsException when a file cannot be used or an option makes no sense
    public static TlsOptions of(ServiceUrl url, String setting, Map<String, Object> map) {
        var options = new HashMap<String, String>();
        map.forEach((name, value) -> options.put(known(setting, name), String.valueOf(value)));
        url.query()
                .forEach((name, value) -> {
                    if (name.startsWith("ssl_")) {
                        options.put(known(url.toString(), name), value);
                    }
                });
        return new TlsOptions(url.toString(), options);
    }

    private static String known(String where, String name) {
        var bare =
                switch (name) {
                    case "password", "ssl_password" -> PASSWORD; // as Python calls it
                    default -> name.startsWith("ssl_") ? name.substring(4) : name;
                };
        if (!NAMES.contains(bare)) {
            throw new SettingsException(
                    "%s: there is no TLS option '%s'; did you mean '%s'?"
                            .formatted(
                                    where,
                                    name,
                                    (name.startsWith("ssl_") ? "ssl_" : "")
                                            + Settings.nearest(bare, NAMES)));
        }
        return bare;
    }

    private boolean verifies() {
        var value = options.getOrDefault(CERT_REQS, "required").toLowerCase(Locale.ROOT);
        return switch (value) {
            // What is optional for a server is demanded by every client: Python checks, too.
            case "required", "cert_required", "2", "optional", "cert_optional", "1" -> true;
            case "none", "cert_none", "0" -> false;
            default ->
                    throw new SettingsException(
                            "%s: ssl_cert_reqs is required, optional or none, was '%s'"
                                    .formatted(where, value));
        };
    }

    private boolean flag(String name) {
        var value = options.getOrDefault(name, "true").toLowerCase(Locale.ROOT);
        return switch (value) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default ->
                    throw new SettingsException(
                            "%s: ssl_%s is true or false, was '%s'".formatted(where, name, value));
        };
    }

    /// Whether the server's certificate must name the host.
    public boolean checksHostName() {
        return checksHostName;
    }

    /// With our keys, and whom we trust, as the files say now: who connects again after they were
    /// replaced uses the new ones. Files that cannot be used, because they are just being replaced,
    /// leave everything as it was.
    public SSLContext context() {
        lock.lock();
        try {
            var current = versions();
            if (!current.equals(versions)) {
                try {
                    context = read();
                    versions = current;
                } catch (SettingsException e) {
                    LOG.warn("the former TLS files stay in use: {}", e.getMessage());
                }
            }
            return context;
        } finally {
            lock.unlock();
        }
    }

    private Optional<Path> file(String name) {
        return Optional.ofNullable(options.get(name)).map(Path::of);
    }

    private Map<Path, FileTime> versions() {
        var times = new TreeMap<Path, FileTime>();
        Stream.of(CA_CERTS, CERTFILE, KEYFILE)
                .flatMap(name -> file(name).stream())
                .forEach(file -> times.put(file, lastModified(file)));
        return times;
    }

    /// What cannot be looked at is told of by who reads it.
    private static FileTime lastModified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private SSLContext read() {
        try {
            var made = SSLContext.getInstance("TLS");
            made.init(keys(), trusted(), null);
            return made;
        } catch (SettingsException e) {
            throw new SettingsException("%s: TLS: %s".formatted(where, e.getMessage()), e);
        } catch (GeneralSecurityException | IOException e) {
            throw new SettingsException("%s: TLS cannot be set up: %s".formatted(where, e), e);
        }
    }

    private TrustManager @Nullable [] trusted() throws GeneralSecurityException, IOException {
        if (!verifies) {
            return new TrustManager[] {new TrustAll()};
        }
        var file = file(CA_CERTS);
        if (file.isEmpty()) {
            return null;
        }
        var store = emptyStore();
        var number = 0;
        for (var certificate : Pem.certificates(source(file.get(), CA_CERTS))) {
            store.setCertificateEntry("ca-" + number++, certificate);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private KeyManager @Nullable [] keys() throws GeneralSecurityException, IOException {
        var certificates = file(CERTFILE);
        if (certificates.isEmpty()) {
            if (options.containsKey(KEYFILE)) {
                throw new SettingsException("ssl_keyfile needs ssl_certfile");
            }
            return null;
        }
        // As in Python, one file may hold both.
        var identity =
                Pem.identity(
                        source(certificates.get(), CERTFILE),
                        file(KEYFILE)
                                .map(file -> source(file, KEYFILE))
                                .orElseGet(() -> source(certificates.get(), CERTFILE)),
                        options.get(PASSWORD),
                        named(PASSWORD));
        var store = emptyStore();
        store.setKeyEntry(
                "client",
                identity.key(),
                new char[0],
                identity.chain().toArray(Certificate[]::new));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static Pem.Source source(Path file, String option) {
        return new Pem.Source(file, named(option));
    }

    /// As in a URL.
    private static String named(String option) {
        return "ssl_" + option;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    /// What a failed handshake means to who must mend it.
    ///
    /// @param failure the reason that TLS gives
    public String explain(Throwable failure) {
        var reason = String.valueOf(failure.getMessage());
        var text = reason.toLowerCase(Locale.ROOT);
        String hint;
        if (text.contains("path building failed")
                || text.contains("path does not chain")
                || text.contains("trust anchor")) {
            hint =
                    file(CA_CERTS)
                            .map(file ->
                                    "the server's certificate is not signed by one in %s"
                                            .formatted(file))
                            .orElse(
                                    "the JDK does not know who signed the server's certificate; name its CA with ssl_ca_certs");
        } else if (text.contains("validity check failed") || text.contains("notafter")) {
            hint = "a certificate of the server has expired, or is not valid yet";
        } else if (text.contains("subject alternative") || text.contains("no name matching")) {
            hint =
                    "the server's certificate names another host than the URL; ssl_check_hostname=false accepts that";
        } else if (text.contains("certificate_required")
                || text.contains("bad_certificate")
                || text.contains("certificate_unknown")
                || text.contains("unknown_ca")
                || text.contains("certificate_expired")
                || text.contains("decrypt_error")
                || text.contains("broken pipe")
                || text.contains("connection reset")) {
            hint = refusal();
        } else {
            hint = "is this a TLS port? check port and ssl_ca_certs";
        }
        return "TLS: %s (%s)".formatted(hint, reason);
    }

    /// What it means that the server has ended a connection right after the handshake.
    ///
    /// @param failure the reason that reading or writing gives
    public String explainRefusal(Throwable failure) {
        return "TLS: %s (%s)".formatted(refusal(), failure.getMessage());
    }

    private String refusal() {
        return file(CERTFILE)
                .map(file ->
                        "the server does not accept the client certificate in %s".formatted(file))
                .orElse(
                        "the server wants a client certificate; name one with ssl_certfile and ssl_keyfile");
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
