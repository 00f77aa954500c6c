package dev.muster.parallel.ring;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A value on its way into a lane. What is too large for it goes to files in the folder of the
/// queue, and the lane has their names.
///
/// The files are made in a folder of this process, which the hub deletes when the process ends, and
/// move to that of the queue at the last moment. So one who is killed while it writes megabytes, or
/// waits for room, leaves nothing behind.
final class Parcel {
    /// Of temporary files; empty for none.
    private static final Pattern NAME = Pattern.compile("[\\w-]*");

    private final Path own;
    private final Path shared;
    private byte[] body;
    private @Nullable Path parts;
    private @Nullable Path bodyFile;
    private byte @Nullable [] names;

    Parcel(Packed packed, Path own, Path shared) {
        this.own = own;
        this.shared = shared;
        this.body = packed.body();
        this.parts = packed.file();
    }

    boolean namesFiles() {
        return parts != null || bodyFile != null;
    }

    /// What goes to the lane.
    byte[] bytes() throws IOException {
        if (!namesFiles()) {
            return body;
        }
        if (names == null) {
            parts = move(parts);
            bodyFile = move(bodyFile);
            var sink = new ByteSink(64);
            name(parts, sink);
            name(bodyFile, sink);
            sink.write(body);
            names = sink.toByteArray();
        }
        return names;
    }

    /// The body goes to a file as well.
    void shrink() throws IOException {
        if (bodyFile == null) {
            bodyFile = Files.createTempFile(own, "body-", "");
            Files.write(bodyFile, body);
            body = new byte[0];
            names = null;
        }
    }

    private @Nullable Path move(@Nullable Path file) throws IOException {
        return file == null
                ? null
                : Files.move(
                        file,
                        shared.resolve(Objects.requireNonNull(file.getFileName())),
                        StandardCopyOption.ATOMIC_MOVE);
    }

    private static void name(@Nullable Path file, ByteSink sink) {
        var name =
                file == null
                        ? new byte[0]
                        : Objects.requireNonNull(file.getFileName()).toString().getBytes(US_ASCII);
        sink.write(name.length);
        sink.write(name);
    }

    /// Deletes the files of a value that was not added.
    void discard() throws IOException {
        if (parts != null) {
            Files.deleteIfExists(parts);
        }
        if (bodyFile != null) {
            Files.deleteIfExists(bodyFile);
        }
    }

    /// The value in what was read from a lane, and claimed.
    ///
    /// @throws IOException when it names files that nobody here has made, or they cannot be read
    static Packed open(byte[] bytes, Path shared) throws IOException {
        var parts = name(bytes, 0);
        var file = name(bytes, 1 + parts.length());
        var start = 2 + parts.length() + file.length();
        var body =
                file.isEmpty()
                        ? Arrays.copyOfRange(bytes, start, bytes.length)
                        : readAndDelete(shared.resolve(file));
        return new Packed(body, parts.isEmpty() ? null : shared.resolve(parts));
    }

    private static String name(byte[] bytes, int at) throws IOException {
        if (at >= bytes.length || bytes[at] < 0 || bytes[at] > bytes.length - at - 1) {
            throw new IOException("the memory of the queue is damaged");
        }
        var name = new String(bytes, at + 1, bytes[at], US_ASCII);
        // A file of this folder, as it will be read and deleted.
        if (!NAME.matcher(name).matches()) {
            throw new IOException("the memory of the queue names the file '%s'".formatted(name));
        }
        return name;
    }

    /// Not by a channel: that would close itself when the thread is interrupted, and the value has
    /// been taken already.
    private static byte[] readAndDelete(Path file) throws IOException {
        try (var stream = new FileInputStream(file.toFile())) {
            // Before it is read, so that little time is left in which a killed process leaves it.
            Files.delete(file);
            return stream.readAllBytes();
        }
    }
}
