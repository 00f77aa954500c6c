package dev.muster.queue.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.spi.Pem;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Signed bodies: Celery's serializer `auth` (celery-wire 10.1). What is signed is the written
/// body, and nothing is read of a body before its signature was found to be right.
///
/// A body is base64 of five parts with the bytes 0 and 1 between them: signer, signature, content
/// type, content encoding, and the body proper. Since Celery 5.3 signer and signature are base64
/// themselves, up to 5.2 they are bare. Both are read, and `security_format` says which is written.
final class SignedSerializer implements Serializer {
    static final String NAME = "auth";

    private static final byte[] SEPARATOR = {0, 1};
    private static final Base64.Encoder BASE64 = Base64.getEncoder();

    private final Serializer inner;
    private final boolean isBare;
    private final SignatureScheme scheme;
    private final Pem.@Nullable Identity identity;
    private final @Nullable CertificateStore store;

    /// @param inner how signed bodies are written
    /// @throws SettingsException when a file of the settings cannot be used
    SignedSerializer(Serializer inner, Settings settings, InstantSource clock) {
        this.inner = inner;
        this.isBare =
                switch (settings.get(Setting.SECURITY_FORMAT)) {
                    case "celery-5.3" -> false;
                    case "celery-5.2" -> true;
                    case String other ->
                            throw new SettingsException(
                                    "setting %s: expected celery-5.3 or celery-5.2, was '%s'"
                                            .formatted(Setting.SECURITY_FORMAT, other));
                };
        this.scheme = SignatureScheme.of(settings.get(Setting.SECURITY_DIGEST));
        this.identity = identity(settings);
        this.store =
                settings.get(Setting.SECURITY_CERT_STORE)
                        .map(pattern -> CertificateStore.read(pattern, clock))
                        .orElse(null);
        if (identity != null) {
            var _ = scheme.sign(new byte[0], identity.key()); // what cannot work fails now
        }
    }

    private static Pem.@Nullable Identity identity(Settings settings) {
        var key = settings.get(Setting.SECURITY_KEY);
        var certificate = settings.get(Setting.SECURITY_CERTIFICATE);
        if (key.isEmpty() && certificate.isEmpty()) {
            return null;
        }
        if (key.isEmpty() || certificate.isEmpty()) {
            throw new SettingsException(
                    "%s and %s belong together: set both"
                            .formatted(Setting.SECURITY_KEY, Setting.SECURITY_CERTIFICATE));
        }
        var identity =
                Pem.identity(
                        source(Setting.SECURITY_CERTIFICATE, certificate.get()),
                        source(Setting.SECURITY_KEY, key.get()),
                        settings.get(Setting.SECURITY_KEY_PASSWORD).orElse(null),
                        Setting.SECURITY_KEY_PASSWORD.name());
        if (!(identity.certificate().getPublicKey() instanceof RSAPublicKey)) {
            throw new SettingsException(
                    "setting %s: the key in %s is none of RSA, and Celery's signatures are"
                            .formatted(Setting.SECURITY_KEY, key.get()));
        }
        return identity;
    }

    private static Pem.Source source(Setting<?> setting, String file) {
        return new Pem.Source(Path.of(file), "setting " + setting);
    }

    /// @param setting that names this serializer for what is written
    /// @throws SettingsException when nothing can be signed
    void requireSigner(Setting<?> setting) {
        if (identity == null) {
            throw new SettingsException(
                    "setting %s is auth, which needs %s and %s"
                            .formatted(
                                    setting, Setting.SECURITY_KEY, Setting.SECURITY_CERTIFICATE));
        }
    }

    /// @param setting that names this serializer for what is read
    /// @throws SettingsException when no signature can be verified
    void requireStore(Setting<?> setting) {
        if (store == null) {
            throw new SettingsException(
                    "setting %s is auth, which needs %s: the certificates of those whose messages are read"
                            .formatted(setting, Setting.SECURITY_CERT_STORE));
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String contentType() {
        return "application/data";
    }

    @Override
    public String contentEncoding() {
        return "utf-8";
    }

    @Override
    public byte[] encode(@Nullable Object value) {
        if (identity == null) {
            throw new EncodeException(
                    "the serializer auth needs the settings %s and %s"
                            .formatted(Setting.SECURITY_KEY, Setting.SECURITY_CERTIFICATE));
        }
        var body = inner.encode(value);
        var signer = SignerNames.of(identity.certificate()).getBytes(UTF_8);
        var signature = scheme.sign(body, identity.key());
        var content = new ByteArrayOutputStream(body.length + 1024);
        content.writeBytes(isBare ? signer : BASE64.encode(signer));
        content.writeBytes(SEPARATOR);
        content.writeBytes(isBare ? signature : BASE64.encode(signature));
        content.writeBytes(SEPARATOR);
        content.writeBytes(inner.contentType().getBytes(UTF_8));
        content.writeBytes(SEPARATOR);
        content.writeBytes(inner.contentEncoding().getBytes(UTF_8));
        content.writeBytes(SEPARATOR);
        content.writeBytes(body);
        return BASE64.encode(content.toByteArray());
    }

    @Override
    public @Nullable Object decode(byte[] signed) {
        if (store == null) {
            throw new DecodeException(
                    "no signature can be verified without the setting "
                            + Setting.SECURITY_CERT_STORE);
        }
        var rest = ByteBuffer.wrap(base64(signed, "the body"));
        var first = text(part(rest));
        // A signer's bare name has a space, and base64 has none.
        var bare = first.indexOf(' ') >= 0;
        var signer = bare ? first : text(base64(first.getBytes(UTF_8), "the signer's name"));
        var certificate = store.of(signer);
        if (!(certificate.getPublicKey() instanceof RSAPublicKey key)) {
            throw new DecodeException(
                    "it is signed by '%s', whose key is none of RSA"
                            .formatted(Scalars.shorten(signer)));
        }
        var signature = bare ? bareSignature(rest, key) : base64(part(rest), "the signature");
        var contentType = text(part(rest));
        var contentEncoding = text(part(rest));
        var body = new byte[rest.remaining()];
        rest.get(body);
        if (!scheme.verifies(body, signature, key)) {
            throw new DecodeException(
                    "its signature is wrong: it was changed after '%s' signed it, or signed by somebody else, or with another security_digest"
                            .formatted(Scalars.shorten(signer)));
        }
        // Not signed itself, so it may not choose how what is signed is read.
        if (!contentType.equals(inner.contentType())
                || !contentEncoding.equals(inner.contentEncoding())) {
            throw new DecodeException(
                    "the signed content is %s in %s; only %s in %s is read"
                            .formatted(
                                    Scalars.shorten(contentType),
                                    Scalars.shorten(contentEncoding),
                                    inner.contentType(),
                                    inner.contentEncoding()));
        }
        return inner.decode(body);
    }

    /// The bytes up to the next separator, which is skipped.
    private static byte[] part(ByteBuffer rest) {
        for (var end = rest.position(); end + 1 < rest.limit(); end++) {
            if (rest.get(end) == SEPARATOR[0] && rest.get(end + 1) == SEPARATOR[1]) {
                var part = new byte[end - rest.position()];
                rest.get(part);
                rest.position(end + SEPARATOR.length);
                return part;
            }
        }
        throw new DecodeException("it is not signed, or cut off");
    }

    /// As Celery 5.2 writes it: so many bytes as the signer's key has, in which a separator may
    /// occur.
    private static byte[] bareSignature(ByteBuffer rest, RSAPublicKey key) {
        var signature = new byte[key.getModulus().bitLength() / 8];
        if (rest.remaining() < signature.length) {
            throw new DecodeException("it is cut off within the signature");
        }
        rest.get(signature);
        if (part(rest).length > 0) {
            throw new DecodeException("its signature has not the length of the signer's key");
        }
        return signature;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static byte[] base64(byte[] bytes, String what) {
        try {
            return Base64.getDecoder().decode(bytes);
        } catch (IllegalArgumentException e) {
            throw new DecodeException("%s is no base64, so it is not signed".formatted(what), e);
        }
    }
}
