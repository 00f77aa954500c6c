package dev.muster.parallel.cluster;

import java.util.regex.Pattern;

/// An entry of a class path, as a client tells of it.
///
/// @param name for messages
/// @param sha256 of its bytes, in lower-case hexadecimal digits
/// @param size in bytes
record CodeEntry(String name, String sha256, long size) {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    CodeEntry {
        // It becomes the name of a file.
        if (!SHA_256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("no SHA-256: " + sha256);
        }
        if (size < 0) {
            throw new IllegalArgumentException("a size of " + size);
        }
    }
}
