package dev.muster.queue.codec;

import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.SettingsException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;

/// How messages are signed: RSA-PSS with the longest salt that the key allows, as Celery does
/// (celery-wire 10.1).
///
/// @param digest as the JDK names it
/// @param digestBytes its length
record SignatureScheme(String digest, int digestBytes) {
    /// @param name as `security_digest` has it
    /// @throws SettingsException for one that is unknown, or no longer secure
    static SignatureScheme of(String name) {
        return switch (name.toLowerCase(Locale.ROOT).replace("-", "")) {
            case "sha224" -> new SignatureScheme("SHA-224", 28);
            case "sha256" -> new SignatureScheme("SHA-256", 32);
            case "sha384" -> new SignatureScheme("SHA-384", 48);
            case "sha512" -> new SignatureScheme("SHA-512", 64);
            default ->
                    throw new SettingsException(
                            "setting %s: '%s' cannot be used; use sha256, sha224, sha384 or sha512"
                                    .formatted(Setting.SECURITY_DIGEST, name));
        };
    }

    /// @throws SettingsException when the key is too short
    private PSSParameterSpec parameters(RSAKey key) {
        var encodedBytes = (key.getModulus().bitLength() - 1 + 7) / 8;
        var salt = encodedBytes - digestBytes - 2;
        if (salt < 0) {
            throw new SettingsException(
                    "an RSA key of %d bits is too short for %s; make one of 2048 bits or more"
                            .formatted(key.getModulus().bitLength(), digest));
        }
        return new PSSParameterSpec(
                digest,
                "MGF1",
                new MGF1ParameterSpec(digest),
                salt,
                PSSParameterSpec.TRAILER_FIELD_BC);
    }

    byte[] sign(byte[] content, PrivateKey key) {
        try {
            var signature = Signature.getInstance("RSASSA-PSS");
            signature.setParameter(parameters((RSAPrivateKey) key));
            signature.initSign(key);
            signature.update(content);
            return signature.sign();
        } catch (InvalidKeyException e) {
            throw new SettingsException("messages cannot be signed: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has these algorithms
        }
    }

    /// Whether it does, by a key that is as long as it must be.
    boolean verifies(byte[] content, byte[] signed, RSAPublicKey key) {
        try {
            var signature = Signature.getInstance("RSASSA-PSS");
            signature.setParameter(parameters(key));
            signature.initVerify(key);
            signature.update(content);
            return signature.verify(signed);
        } catch (GeneralSecurityException | SettingsException e) {
            return false; // such as a signature of another length
        }
    }
}
