package dev.muster.queue.codec;

import dev.muster.queue.spi.SettingsException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;

/// How a message body is compressed (celery-wire 1.7).
public enum Compression {
    /// What kombu calls gzip: a bare zlib stream. A real gzip file is read as well.
    ZLIB("application/x-gzip"),
    BZIP2("application/x-bz2");

    private static final int GZIP_MAGIC = 0x1f;
    private static final int CHUNK = 8192;

    private final String contentType;

    Compression(String contentType) {
        this.contentType = contentType;
    }

    /// By the name that stands in the settings: `gzip`, `zlib`, `bzip2` or `bzip`.
    ///
    /// @throws SettingsException for any other
    public static Compression byName(String name) {
        return switch (name) {
            case "gzip", "zlib", "application/x-gzip" -> ZLIB;
            case "bzip2", "bzip", "application/x-bz2" -> BZIP2;
            default ->
                    throw new SettingsException(
                            "there is no compression '%s' here; use gzip, zlib or bzip2"
                                    .formatted(name));
        };
    }

    /// By the value of a message's header `compression`: a content type or, as Python accepts, a
    /// name.
    ///
    /// @throws DecodeException for any other
    public static Compression byHeader(String value) {
        try {
            return byName(value);
        } catch (SettingsException e) {
            throw new DecodeException(
                    "unknown compression '%s'".formatted(Scalars.shorten(value)), e);
        }
    }

    /// The value of the header `compression`.
    public String contentType() {
        return contentType;
    }

    public byte[] compress(byte[] bytes) {
        var out = new ByteArrayOutputStream(Math.max(32, bytes.length / 2));
        try (var compressor =
                switch (this) {
                    case ZLIB -> new DeflaterOutputStream(out);
                    case BZIP2 -> new BZip2CompressorOutputStream(out);
                }) {
            compressor.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return out.toByteArray();
    }

    /// @param maxBytes how much may come out; reading stops there, so that a small message cannot
    ///   fill the memory
    /// @throws DecodeException when more comes out, or the bytes are not compressed in this way
    public byte[] decompress(byte[] bytes, long maxBytes) {
        try (var decompressor = open(bytes)) {
            var out = new ByteArrayOutputStream();
            var chunk = new byte[CHUNK];
            for (var count = decompressor.read(chunk);
                    count >= 0;
                    count = decompressor.read(chunk)) {
                if (out.size() + (long) count > maxBytes) {
                    throw new DecodeException(
                            "decompresses to more than %d bytes".formatted(maxBytes));
                }
                out.write(chunk, 0, count);
            }
            return out.toByteArray();
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
            // The bzip2 decoder meets some damage only with a failing array access.
            throw new DecodeException("not compressed as %s, or damaged".formatted(contentType), e);
        }
    }

    private InputStream open(byte[] bytes) throws IOException {
        var in = new ByteArrayInputStream(bytes);
        return switch (this) {
            case ZLIB ->
                    bytes.length > 0 && bytes[0] == GZIP_MAGIC
                            ? new GZIPInputStream(in)
                            : new InflaterInputStream(in);
            case BZIP2 -> new BZip2CompressorInputStream(in, true);
        };
    }
}
