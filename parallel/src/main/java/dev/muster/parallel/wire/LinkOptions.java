package dev.muster.parallel.wire;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// What one side of a [Link] asks for.
///
/// @param key what the other side has to know, too
/// @param tls null for a connection in plain text: whoever can listen on the network reads all of
///   it, but for the key
/// @param silence when nothing was heard from the other side for so long, it is taken for gone. It
///   is told, and sends signs of life often enough. From 100 ms to an hour
/// @param frameLimit the most bytes that it takes in one frame, from 1 KB on
public record LinkOptions(
        SharedKey key, @Nullable SSLContext tls, Duration silence, int frameLimit) {
    private static final Duration MIN_SILENCE = Duration.ofMillis(100);
    private static final Duration MAX_SILENCE = Duration.ofHours(1);
    private static final int MIN_FRAME_LIMIT = 1024;

    /// No key, no TLS, 15 seconds, 64 MB.
    public static final LinkOptions DEFAULT =
            new LinkOptions(SharedKey.NONE, null, Duration.ofSeconds(15), 64 << 20);

    public LinkOptions {
        if (silence.compareTo(MIN_SILENCE) < 0 || silence.compareTo(MAX_SILENCE) > 0) {
            throw new IllegalArgumentException(
                    "silence is from 100 ms to an hour, was %d ms".formatted(silence.toMillis()));
        }
        if (frameLimit < MIN_FRAME_LIMIT) {
            throw new IllegalArgumentException(
                    "frameLimit is %d bytes or more, was %d"
                            .formatted(MIN_FRAME_LIMIT, frameLimit));
        }
    }

    /// The defaults with a key.
    public static LinkOptions of(SharedKey key) {
        return DEFAULT.withKey(key);
    }

    /// The same with another key.
    public LinkOptions withKey(SharedKey value) {
        return new LinkOptions(value, tls, silence, frameLimit);
    }

    /// The same over TLS; see [TlsContexts].
    public LinkOptions withTls(SSLContext value) {
        return new LinkOptions(key, value, silence, frameLimit);
    }

    /// The same with another time after which a silent peer is taken for gone.
    public LinkOptions withSilence(Duration value) {
        return new LinkOptions(key, tls, value, frameLimit);
    }

    /// The same with another limit for frames that come in, in bytes.
    public LinkOptions withFrameLimit(int bytes) {
        return new LinkOptions(key, tls, silence, bytes);
    }
}
