package dev.muster.queue.codec;

import dev.muster.queue.spi.MusterException;

/// A body whose content type this application does not read.
public final class ContentRefusedException extends MusterException {
    private final String contentType;

    ContentRefusedException(String contentType, String message) {
        super(message);
        this.contentType = contentType;
    }

    /// The content type as the message has it.
    public String contentType() {
        return contentType;
    }
}
