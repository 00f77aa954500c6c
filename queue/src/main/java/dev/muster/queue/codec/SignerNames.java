package dev.muster.queue.codec;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/// How Celery names who signed a message: the values of the issuer in the certificate, in their
/// order, and the serial number, as in `US Acme worker 4096` (celery-wire 10.1).
final class SignerNames {
    private static final int CONSTRUCTED = 0x20;
    private static final int OBJECT_IDENTIFIER = 0x06;

    private SignerNames() {}

    static String of(X509Certificate certificate) {
        // The JDK's text forms turn the order round, and write some values as hexadecimal digits.
        var values = new ArrayList<String>();
        collect(ByteBuffer.wrap(certificate.getIssuerX500Principal().getEncoded()), values);
        return String.join(" ", values) + " " + certificate.getSerialNumber();
    }

    /// A name in DER is made of sequences and sets; its leaves are object identifiers and texts.
    private static void collect(ByteBuffer name, List<String> values) {
        while (name.hasRemaining()) {
            var tag = name.get() & 0xff;
            var length = length(name);
            var content = name.slice(name.position(), length);
            name.position(name.position() + length);
            if ((tag & CONSTRUCTED) != 0) {
                collect(content, values);
            } else if (tag != OBJECT_IDENTIFIER) {
                values.add(charset(tag).decode(content).toString());
            }
        }
    }

    private static int length(ByteBuffer name) {
        var first = name.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        var length = 0;
        for (var left = first & 0x7f; left > 0; left--) {
            length = (length << 8) | (name.get() & 0xff);
        }
        return length;
    }

    private static Charset charset(int tag) {
        return switch (tag) {
            case 0x1e -> StandardCharsets.UTF_16BE;
            case 0x1c -> StandardCharsets.UTF_32BE;
            case 0x14 -> StandardCharsets.ISO_8859_1;
            default -> StandardCharsets.UTF_8;
        };
    }
}
