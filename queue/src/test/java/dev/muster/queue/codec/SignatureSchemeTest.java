package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import org.junit.jupiter.api.Test;

class SignatureSchemeTest {
    /// Whoever has such a certificate in the store lets anybody name it in a message.
    @Test
    void aKeyThatIsTooShortForTheDigestVerifiesNothing() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(512);
        var key = (RSAPublicKey) generator.generateKeyPair().getPublic();

        assertThat(SignatureScheme.of("sha512").verifies(new byte[1], new byte[64], key)).isFalse();
    }
}
