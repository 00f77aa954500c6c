package dev.muster.parallel.cluster;

import java.security.SecureRandom;
import java.util.HexFormat;

/// Bytes that nobody can guess, and that nobody else has.
final class Nonce {
    static final int BYTES = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    private Nonce() {}

    static byte[] bytes() {
        var nonce = new byte[BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    static String text() {
        return HexFormat.of().formatHex(bytes());
    }
}
