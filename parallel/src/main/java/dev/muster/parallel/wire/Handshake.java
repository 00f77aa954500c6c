package dev.muster.parallel.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/// Proves to each side of a new connection that the other one knows the shared key.
///
/// Three frames, each its length in four bytes and its content:
///
/// 1. server: the greeting, that is, magic, its [Terms], a nonce of 32 bytes, the name of the
///    protocol
/// 2. client: its terms, a nonce of 32 bytes, and its proof
/// 3. server: 1 and its proof; or 0 when the client's is wrong
///
/// A proof is an HMAC-SHA-256 over the role of its sender, the greeting, and the client's terms and
/// nonce. The role makes a proof useless when it is sent back to who made it, the nonces when it is
/// recorded and sent later. The client proves first, so that nobody can have the server sign what
/// he likes.
///
/// No frame is longer than [#FRAME_LIMIT]; who calls limits the time. What follows on the
/// connection is not signed: only TLS keeps others from changing it on the way.
final class Handshake {
    /// The name of the protocol has the most of it.
    private static final int FRAME_LIMIT = 256;

    private static final int MAGIC = 0x6D757374; // "must"
    private static final int NONCE = 32;
    private static final int PROOF = 32;
    private static final int MAX_NAME = 64;
    private static final byte[] CLIENT = "client".getBytes(UTF_8);
    private static final byte[] SERVER = "server".getBytes(UTF_8);
    private static final byte REFUSED = 0;
    private static final byte WELCOME = 1;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Handshake() {}

    /// What a side tells the other to keep to.
    record Terms(int silenceMillis, int frameLimit) {
        private static final int BYTES = 2 * Integer.BYTES;

        static Terms of(LinkOptions options) {
            return new Terms((int) options.silence().toMillis(), options.frameLimit());
        }

        private static Terms read(ByteBuffer from) throws HandshakeException {
            var terms = new Terms(from.getInt(), from.getInt());
            if (terms.silenceMillis < 1 || terms.frameLimit < 1) {
                throw new HandshakeException("it asks for nonsense: " + terms);
            }
            return terms;
        }

        Duration silence() {
            return Duration.ofMillis(silenceMillis);
        }
    }

    /// The server's part.
    ///
    /// @return the client's terms
    /// @throws HandshakeException when the client has the wrong key, or speaks something else
    static Terms serve(
            InputStream in, OutputStream out, String protocol, SharedKey key, Terms terms)
            throws IOException {
        var greeting = greeting(protocol, terms);
        send(out, greeting);
        var answer = receive(in);
        if (answer.length != Terms.BYTES + NONCE + PROOF) {
            throw new HandshakeException("it does not speak " + protocol);
        }
        var asked = Arrays.copyOf(answer, Terms.BYTES + NONCE);
        var proof = Arrays.copyOfRange(answer, Terms.BYTES + NONCE, answer.length);
        if (!MessageDigest.isEqual(proof, key.sign(CLIENT, greeting, asked))) {
            send(out, new byte[] {REFUSED});
            throw new HandshakeException("it has another key");
        }
        var theirs = Terms.read(ByteBuffer.wrap(asked));
        var welcome = ByteBuffer.allocate(1 + PROOF);
        send(out, welcome.put(WELCOME).put(key.sign(SERVER, greeting, asked)).array());
        return theirs;
    }

    private static byte[] greeting(String protocol, Terms terms) {
        var name = protocol.getBytes(UTF_8);
        if (name.length > MAX_NAME) {
            throw new IllegalArgumentException(
                    "a protocol's name has at most 64 bytes: " + protocol);
        }
        return ByteBuffer.allocate(Integer.BYTES + Terms.BYTES + NONCE + name.length)
                .putInt(MAGIC)
                .putInt(terms.silenceMillis())
                .putInt(terms.frameLimit())
                .put(nonce())
                .put(name)
                .array();
    }

    /// The client's part.
    ///
    /// @param server how to call it in messages
    /// @return the server's terms
    /// @throws HandshakeException when the server has another key, or speaks something else
    static Terms ask(
            InputStream in,
            OutputStream out,
            String protocol,
            SharedKey key,
            Terms terms,
            String server)
            throws IOException {
        var greeting = receiveGreeting(in, server);
        var fields = ByteBuffer.wrap(greeting, Integer.BYTES, greeting.length - Integer.BYTES);
        var theirs = Terms.read(fields);
        var spoken =
                new String(greeting, fields.position() + NONCE, fields.remaining() - NONCE, UTF_8);
        if (!spoken.equals(protocol)) {
            throw new HandshakeException(
                    "%s speaks %s, this side speaks %s".formatted(server, spoken, protocol));
        }
        var asked =
                ByteBuffer.allocate(Terms.BYTES + NONCE)
                        .putInt(terms.silenceMillis())
                        .putInt(terms.frameLimit())
                        .put(nonce())
                        .array();
        var answer = ByteBuffer.allocate(asked.length + PROOF);
        send(out, answer.put(asked).put(key.sign(CLIENT, greeting, asked)).array());
        var verdict = receive(in);
        if (verdict.length != 1 + PROOF
                || verdict[0] != WELCOME
                || !MessageDigest.isEqual(
                        Arrays.copyOfRange(verdict, 1, verdict.length),
                        key.sign(SERVER, greeting, asked))) {
            throw new HandshakeException(
                    "the key is not that of %s (this side has %s)".formatted(server, key));
        }
        return theirs;
    }

    private static byte[] receiveGreeting(InputStream in, String server) throws IOException {
        var isOurs = false;
        try {
            var greeting = receive(in);
            isOurs =
                    greeting.length >= Integer.BYTES + Terms.BYTES + NONCE
                            && ByteBuffer.wrap(greeting).getInt() == MAGIC;
            if (isOurs) {
                return greeting;
            }
        } catch (HandshakeException _) {
            // Told below.
        }
        throw new HandshakeException("what listens at %s is not Muster".formatted(server));
    }

    private static byte[] nonce() {
        var nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    private static void send(OutputStream out, byte[] content) throws IOException {
        var frame = ByteBuffer.allocate(Integer.BYTES + content.length);
        out.write(frame.putInt(content.length).put(content).array());
        out.flush();
    }

    private static byte[] receive(InputStream in) throws IOException {
        var data = new DataInputStream(in);
        var length = data.readInt();
        if (length < 0 || length > FRAME_LIMIT) {
            throw new HandshakeException("it does not speak Muster's protocol");
        }
        var content = new byte[length];
        data.readFully(content);
        return content;
    }
}
