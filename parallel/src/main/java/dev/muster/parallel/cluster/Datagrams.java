package dev.muster.parallel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.SharedKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The two datagrams by which servers are found, each with a code that only who knows the key can
/// make:
///
/// - the request: magic, a nonce of 16 bytes, code
/// - the answer: magic, the nonce of the request, the server's id (16 bytes), its port, its slots,
///   the address on which it listens (empty when on all that it has), code
///
/// The nonce makes an answer useless that was recorded. That of a server on all addresses is the
/// one that its answer comes from; who forges that gains nothing, as both sides prove at the
/// connection that they know the key.
final class Datagrams {
    static final int MAX_BYTES = 256;

    private static final int REQUEST = 0x6D757371; // "musq"
    private static final int ANSWER = 0x6D757361; // "musa"
    private static final int CODE = 32;
    private static final byte[] ROLE_OF_REQUEST = "pool-seeker".getBytes(UTF_8);
    private static final byte[] ROLE_OF_ANSWER = "pool-server".getBytes(UTF_8);

    private Datagrams() {}

    static byte[] request(byte[] nonce, SharedKey key) {
        var content = ByteBuffer.allocate(Integer.BYTES + Nonce.BYTES);
        return signed(content.putInt(REQUEST).put(nonce).array(), ROLE_OF_REQUEST, key);
    }

    /// @return the nonce; empty when it is no request of one who knows the key
    static Optional<byte[]> readRequest(byte[] datagram, SharedKey key) {
        return content(datagram, ROLE_OF_REQUEST, key)
                .filter(content -> content.remaining() == Integer.BYTES + Nonce.BYTES)
                .filter(content -> content.getInt() == REQUEST)
                .map(content -> take(content, Nonce.BYTES));
    }

    static byte[] answer(
            byte[] nonce, String server, InetSocketAddress address, int slots, SharedKey key) {
        var listening = address.getAddress();
        var host = listening.isAnyLocalAddress() ? new byte[0] : listening.getAddress();
        var content =
                ByteBuffer.allocate(3 * Integer.BYTES + 2 * Nonce.BYTES + host.length)
                        .putInt(ANSWER)
                        .put(nonce)
                        .put(HexFormat.of().parseHex(server))
                        .putInt(address.getPort())
                        .putInt(slots)
                        .put(host);
        return signed(content.array(), ROLE_OF_ANSWER, key);
    }

    /// @param from where the answer came from
    /// @return empty when it is no answer to this request from one who knows the key
    static Optional<FoundServer> readAnswer(
            byte[] datagram, byte[] nonce, InetAddress from, SharedKey key) {
        return content(datagram, ROLE_OF_ANSWER, key).map(content -> server(content, nonce, from));
    }

    private static @Nullable FoundServer server(
            ByteBuffer content, byte[] nonce, InetAddress from) {
        try {
            if (content.getInt() != ANSWER || !Arrays.equals(take(content, Nonce.BYTES), nonce)) {
                return null;
            }
            var id = HexFormat.of().formatHex(take(content, Nonce.BYTES));
            var port = content.getInt();
            var slots = content.getInt();
            var bytes = take(content, content.remaining());
            var host = bytes.length == 0 ? from : InetAddress.getByAddress(bytes);
            return new FoundServer(id, Addresses.text(new InetSocketAddress(host, port)), slots);
        } catch (BufferUnderflowException | UnknownHostException | IllegalArgumentException _) {
            return null; // of another version
        }
    }

    private static byte[] signed(byte[] content, byte[] role, SharedKey key) {
        return ByteBuffer.allocate(content.length + CODE)
                .put(content)
                .put(key.sign(role, content))
                .array();
    }

    private static Optional<ByteBuffer> content(byte[] datagram, byte[] role, SharedKey key) {
        if (datagram.length < CODE) {
            return Optional.empty();
        }
        var content = Arrays.copyOf(datagram, datagram.length - CODE);
        var code = Arrays.copyOfRange(datagram, content.length, datagram.length);
        return MessageDigest.isEqual(code, key.sign(role, content))
                ? Optional.of(ByteBuffer.wrap(content))
                : Optional.empty();
    }

    private static byte[] take(ByteBuffer content, int length) {
        var bytes = new byte[length];
        content.get(bytes);
        return bytes;
    }
}
