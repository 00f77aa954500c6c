package dev.muster.parallel.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// TLS from a file, as `keytool` makes it.
public final class TlsContexts {
    private TlsContexts() {}

    /// For both sides. The server shows the private key's certificate of its file; the client
    /// trusts the certificates of its own file, and only those. The server's certificate has to
    /// name the host to which clients connect.
    ///
    /// @param store in the format PKCS12
    /// @param password of the file and of the private key in it
    /// @throws IOException when it cannot be read, or the password is wrong
    public static SSLContext read(Path store, char[] password) throws IOException {
        try (var in = Files.newInputStream(store)) {
            var content = KeyStore.getInstance("PKCS12");
            content.load(in, password);
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(content, password);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(content);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s makes no TLS context: %s".formatted(store, e.getMessage()), e);
        }
    }
}
