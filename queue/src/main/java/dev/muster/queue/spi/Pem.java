package dev.muster.queue.spi;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// Certificates and private keys in PEM files, for TLS and for the signing of messages. What is
/// wrong with a file is said with who has named it, and with the way out.
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    /// What PKCS #8 puts before a key of RSA: version 0, and the object identifier of RSA.
    private static final byte[] RSA_ALGORITHM =
            HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private Pem() {}

    /// A file, and what names it.
    ///
    /// @param option such as `ssl_ca_certs`, for messages
    public record Source(Path file, String option) {
        private SettingsException wrong(String what, @Nullable Throwable cause) {
            return new SettingsException("%s: %s".formatted(option, what), cause);
        }

        private SettingsException wrong(String what) {
            return wrong(what, null);
        }

        /// For messages.
        @Override
        public String toString() {
            return file.toString();
        }
    }

    /// Who one is: a private key, and the certificates that vouch for it, one's own first.
    public record Identity(PrivateKey key, List<X509Certificate> chain) {
        public Identity {
            chain = List.copyOf(chain);
        }

        public X509Certificate certificate() {
            return chain.getFirst();
        }
    }

    /// Reads both, and sees to it that they fit.
    ///
    /// @param password of the key, if it is encrypted
    /// @param passwordName how the user gives it, for the message
    /// @throws SettingsException when a file cannot be read or used
    public static Identity identity(
            Source certificates, Source key, @Nullable String password, String passwordName) {
        var identity =
                new Identity(privateKey(key, password, passwordName), certificates(certificates));
        if (!fit(identity.key(), identity.certificate().getPublicKey())) {
            throw key.wrong(
                    "the key in %s does not belong to the first certificate in %s"
                            .formatted(key, certificates));
        }
        return identity;
    }

    private static boolean fit(PrivateKey key, PublicKey publicKey) {
        if (!key.getAlgorithm().equals(publicKey.getAlgorithm())) {
            return false;
        }
        var content = new byte[] {1, 2, 3};
        try {
            var signature =
                    Signature.getInstance(
                            switch (key.getAlgorithm()) {
                                case "RSA" -> "SHA256withRSA";
                                case "EC" -> "SHA256withECDSA";
                                default -> key.getAlgorithm();
                            });
            signature.initSign(key);
            signature.update(content);
            var signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(content);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// All certificates of a file, one at least.
    ///
    /// @throws SettingsException when it cannot be read, or holds none
    public static List<X509Certificate> certificates(Source file) {
        var certificates = new ArrayList<X509Certificate>();
        for (var block : blocks(file)) {
            if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
                try {
                    certificates.add(
                            (X509Certificate)
                                    CertificateFactory.getInstance("X.509")
                                            .generateCertificate(
                                                    new ByteArrayInputStream(block.content(file))));
                } catch (CertificateException e) {
                    throw file.wrong("%s holds a damaged certificate".formatted(file), e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw file.wrong(
                    "%s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); 'openssl x509 -inform der -in %s' writes one from DER"
                            .formatted(file, file));
        }
        return certificates;
    }

    /// The first private key of a file: PKCS #8, encrypted or not, or an RSA key in the older form
    /// PKCS #1.
    ///
    /// @param passwordName how the user gives the password, for the message
    /// @throws SettingsException when it cannot be read or used
    static PrivateKey privateKey(Source file, @Nullable String password, String passwordName) {
        for (var block : blocks(file)) {
            if (block.label.endsWith("PRIVATE KEY")) {
                return privateKey(file, block, password, passwordName);
            }
        }
        throw file.wrong(
                "%s holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)"
                        .formatted(file));
    }

    private static PrivateKey privateKey(
            Source file, Block block, @Nullable String password, String passwordName) {
        if (block.text.contains("Proc-Type:")) {
            throw inAnOldForm(file, "is encrypted in an old way");
        }
        var content = block.content(file);
        return switch (block.label) {
            case "PRIVATE KEY" -> key(file, new PKCS8EncodedKeySpec(content));
            case "RSA PRIVATE KEY" -> key(file, new PKCS8EncodedKeySpec(asPkcs8(content)));
            case "ENCRYPTED PRIVATE KEY" -> {
                if (password == null) {
                    throw file.wrong(
                            "the private key in %s is encrypted; give its password with %s"
                                    .formatted(file, passwordName));
                }
                yield key(file, decrypted(file, content, password, passwordName));
            }
            default -> throw inAnOldForm(file, "has the form '" + block.label + "'");
        };
    }

    private static SettingsException inAnOldForm(Source file, String what) {
        return file.wrong(
                "the private key in %s %s; 'openssl pkcs8 -topk8 -in %s -out NEW' writes one that can be used"
                        .formatted(file, what, file));
    }

    private static PKCS8EncodedKeySpec decrypted(
            Source file, byte[] content, String password, String passwordName) {
        var spec = new PBEKeySpec(password.toCharArray());
        try {
            var info = new EncryptedPrivateKeyInfo(content);
            // The name of the algorithm alone would be PBES2, whatever that is made of.
            var algorithm =
                    info.getAlgParameters() == null
                            ? info.getAlgName()
                            : info.getAlgName().startsWith("PBES2")
                                    ? info.getAlgParameters().toString()
                                    : info.getAlgName();
            var key = SecretKeyFactory.getInstance(algorithm).generateSecret(spec);
            var cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
            return info.getKeySpec(cipher);
        } catch (GeneralSecurityException | IOException e) {
            throw file.wrong(
                    "the private key in %s cannot be decrypted with the password of %s"
                            .formatted(file, passwordName),
                    e);
        } finally {
            spec.clearPassword();
        }
    }

    private static PrivateKey key(Source file, PKCS8EncodedKeySpec spec) {
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // The encoding does not tell the algorithm before one of them has read it.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e); // every JDK has these
            }
        }
        throw file.wrong(
                "%s holds a key that is neither RSA, EC nor EdDSA, or is damaged".formatted(file));
    }

    private static byte[] asPkcs8(byte[] pkcs1) {
        var content = new ByteArrayOutputStream();
        content.writeBytes(RSA_ALGORITHM);
        content.writeBytes(tagged(0x04, pkcs1));
        return tagged(0x30, content.toByteArray());
    }

    /// A value in DER: tag, length, content.
    private static byte[] tagged(int tag, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private record Block(String label, String text) {
        private byte[] content(Source file) {
            try {
                return Base64.getMimeDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw file.wrong("%s holds a damaged block '%s'".formatted(file, label), e);
            }
        }
    }

    private static List<Block> blocks(Source source) {
        var file = source.file();
        String text;
        try {
            text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw source.wrong("there is no file %s".formatted(file), e);
        } catch (IOException e) {
            throw source.wrong(
                    "%s cannot be read: %s"
                            .formatted(
                                    file,
                                    Optional.ofNullable(e.getMessage())
                                            .filter(reason -> !reason.equals(file.toString()))
                                            .orElse("permission denied")),
                    e);
        }
        return BLOCK.matcher(text)
                .results()
                .map(match -> new Block(match.group(1), match.group(2)))
                .toList();
    }
}
