package dev.muster.parallel.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A secret that both sides of a connection know. It never travels; see [Handshake]. Immutable.
public final class SharedKey {
    /// No secret: whoever reaches the port may use it. Only accepted where nobody but users of the
    /// same machine can.
    public static final SharedKey NONE = new SharedKey(new byte[0]);

    private static final int MIN_BYTES = 16;
    private static final String ALGORITHM = "HmacSHA256";

    /// Stands for no secret, as an empty key cannot sign. Too short to be anybody's.
    private static final byte[] NO_SECRET = {0};

    private static final Set<PosixFilePermission> OF_OTHERS =
            EnumSet.of(
                    PosixFilePermission.GROUP_READ,
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE);

    private final byte[] bytes;

    private SharedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// @param secret 16 bytes or more, from a good source of random numbers; copied
    /// @throws IllegalArgumentException when there are fewer
    public static SharedKey of(byte[] secret) {
        if (secret.length < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "a key has %d bytes or more, this one has %d"
                            .formatted(MIN_BYTES, secret.length));
        }
        return new SharedKey(secret.clone());
    }

    /// @param secret 16 bytes or more in UTF-8
    /// @throws IllegalArgumentException when it is shorter
    public static SharedKey ofText(String secret) {
        return of(secret.getBytes(UTF_8));
    }

    /// Reads a key from a file. A line break at its end does not count.
    ///
    /// @throws IllegalArgumentException when other users can read or change the file, or it holds
    ///   fewer than 16 bytes
    /// @throws IOException when it cannot be read
    public static SharedKey read(Path file) throws IOException {
        checkPermissions(file);
        var content = Files.readAllBytes(file);
        var length = content.length;
        if (length > 0 && content[length - 1] == '\n') {
            length -= length > 1 && content[length - 2] == '\r' ? 2 : 1;
        }
        try {
            return of(Arrays.copyOf(content, length));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static void checkPermissions(Path file) throws IOException {
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return; // a system that knows no such permissions
        }
        var permissions = view.readAttributes().permissions();
        if (permissions.stream().anyMatch(OF_OTHERS::contains)) {
            throw new IllegalArgumentException(
                    "the key in %s is open to other users (%s); chmod 600 it"
                            .formatted(file, PosixFilePermissions.toString(permissions)));
        }
    }

    /// Whether it is [#NONE].
    public boolean isNone() {
        return bytes.length == 0;
    }

    /// The code by which who knows the key can tell that the text comes from one who knows it, too.
    public byte[] sign(byte[]... parts) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(isNone() ? NO_SECRET : bytes, ALGORITHM));
            for (var part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /// Does not tell the key.
    @Override
    public String toString() {
        return isNone() ? "no key" : "a key of %d bytes".formatted(bytes.length);
    }
}
