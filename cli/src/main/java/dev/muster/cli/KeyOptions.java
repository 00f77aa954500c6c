package dev.muster.cli;

import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.TlsContexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What protects a port.
final class KeyOptions {
    @Mixin private KeyFileOption key = new KeyFileOption();

    @Option(
            names = "--keystore",
            paramLabel = "FILE.p12",
            description = "TLS with the private key and certificate in this file (PKCS12).")
    private @Nullable Path keystore;

    @Option(
            names = "--keystore-password-file",
            paramLabel = "FILE",
            description = "Holds the password of --keystore.")
    private @Nullable Path passwordFile;

    LinkOptions link() {
        if ((keystore == null) != (passwordFile == null)) {
            throw CommandException.wrongUse(
                    "--keystore and --keystore-password-file belong together");
        }
        try {
            var options = LinkOptions.of(key.key());
            if (keystore == null || passwordFile == null) {
                return options;
            }
            var password = Files.readString(passwordFile).stripTrailing().toCharArray();
            return options.withTls(TlsContexts.read(keystore, password));
        } catch (NoSuchFileException e) {
            throw CommandException.wrongUse("there is no file " + e.getFile(), e);
        } catch (IOException e) {
            throw CommandException.wrongUse(String.valueOf(e.getMessage()), e);
        }
    }
}
