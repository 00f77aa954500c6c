package dev.muster.queue.codec;

import dev.muster.queue.spi.MusterException;
import org.jspecify.annotations.Nullable;

/// A value that does not fit the Java type it is wanted as.
public final class ConversionException extends MusterException {
    private final String path;
    private final String detail;

    /// @param path where in the value, such as `[2].price`; empty for the value itself
    /// @param detail what was expected and what was found
    public ConversionException(String path, String detail, @Nullable Throwable cause) {
        super(path.isEmpty() ? detail : path + ": " + detail, cause);
        this.path = path;
        this.detail = detail;
    }

    /// Where in the value, such as `[2].price`; empty for the value itself.
    public String path() {
        return path;
    }

    /// What was expected and what was found, without the path.
    public String detail() {
        return detail;
    }
}
