package dev.muster.queue.codec;

import dev.muster.queue.spi.Pem;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.SettingsException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/// The certificates of those whose signatures count, as `security_cert_store` names them: the files
/// of a folder, or those that match a pattern. Read once. Immutable and thread-safe.
final class CertificateStore {
    private final Map<String, X509Certificate> certificates;
    private final InstantSource clock;

    private CertificateStore(Map<String, X509Certificate> certificates, InstantSource clock) {
        this.certificates = Map.copyOf(certificates);
        this.clock = clock;
    }

    /// @param pattern a folder, or a file name that may have `*`, `?` and `[…]` in its last part
    /// @throws SettingsException when there are no certificates, or two of one name, or a file
    ///   cannot be read
    static CertificateStore read(String pattern, InstantSource clock) {
        var certificates = new HashMap<String, X509Certificate>();
        for (var file : files(pattern)) {
            for (var certificate :
                    Pem.certificates(
                            new Pem.Source(file, "setting " + Setting.SECURITY_CERT_STORE))) {
                var name = SignerNames.of(certificate);
                var other = certificates.putIfAbsent(name, certificate);
                if (other != null && !other.equals(certificate)) {
                    throw new SettingsException(
                            "setting %s: %s holds another certificate with the issuer and serial number '%s'; Celery tells signers apart by these"
                                    .formatted(Setting.SECURITY_CERT_STORE, file, name));
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new SettingsException(
                    "setting %s: no file matches %s, so no message could be accepted"
                            .formatted(Setting.SECURITY_CERT_STORE, pattern));
        }
        return new CertificateStore(certificates, clock);
    }

    private static List<Path> files(String pattern) {
        var path = Path.of(pattern).toAbsolutePath();
        var isFolder = Files.isDirectory(path);
        var folder = isFolder ? path : path.getParent();
        var glob = isFolder ? "*" : String.valueOf(path.getFileName());
        if (folder == null || !Files.isDirectory(folder)) {
            throw new SettingsException(
                    "setting %s: there is no folder %s"
                            .formatted(Setting.SECURITY_CERT_STORE, folder));
        }
        var files = new ArrayList<Path>();
        try (var stream = Files.newDirectoryStream(folder, glob)) {
            stream.forEach(file -> {
                if (Files.isRegularFile(file)) {
                    files.add(file);
                }
            });
        } catch (PatternSyntaxException e) {
            throw new SettingsException(
                    "setting %s: '%s' is no pattern of file names: %s"
                            .formatted(Setting.SECURITY_CERT_STORE, glob, e.getDescription()),
                    e);
        } catch (IOException | DirectoryIteratorException e) {
            throw new SettingsException(
                    "setting %s: %s cannot be listed: %s"
                            .formatted(Setting.SECURITY_CERT_STORE, folder, e.getMessage()),
                    e);
        }
        files.sort(null);
        return files;
    }

    /// The certificate of a signer, if it is valid now.
    ///
    /// @throws DecodeException when it is not, or is unknown
    X509Certificate of(String signer) {
        var certificate = certificates.get(signer);
        var shown = Scalars.shorten(signer);
        if (certificate == null) {
            throw new DecodeException(
                    "its signer is not in security_cert_store: '%s'".formatted(shown));
        }
        try {
            certificate.checkValidity(Date.from(clock.instant()));
        } catch (CertificateExpiredException e) {
            throw new DecodeException(
                    "it is signed by '%s', whose certificate has expired on %s"
                            .formatted(shown, certificate.getNotAfter().toInstant()),
                    e);
        } catch (CertificateNotYetValidException e) {
            throw new DecodeException(
                    "it is signed by '%s', whose certificate is not valid before %s"
                            .formatted(shown, certificate.getNotBefore().toInstant()),
                    e);
        }
        return certificate;
    }
}
