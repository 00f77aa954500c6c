package dev.muster.parallel.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

/// What the tests have servers do. Calls talk to the test through files.
final class Work {
    private Work() {}

    static int increment(int n) {
        return n + 1;
    }

    /// Takes a while, so that there is a middle of it.
    static int slowIncrement(int n) throws InterruptedException {
        Thread.sleep(5);
        return n + 1;
    }

    /// Takes as long as the place says.
    static int paced(int n) throws InterruptedException {
        Thread.sleep("slow".equals(node()) ? 60 : 3);
        return n + 1;
    }

    /// The name that the server gives to its processes.
    static String node() {
        return String.valueOf(System.getenv("NODE"));
    }

    static String property(String name) {
        return String.valueOf(System.getProperty(name));
    }

    static String fail(String message) throws IOException {
        throw new IOException(message);
    }

    static void exit(int status) {
        System.exit(status);
    }

    /// Leaves the number of its process in a file, and runs until another file exists.
    static String waitFor(String started, String file) throws IOException, InterruptedException {
        var writing = Path.of(started + " writing");
        Files.writeString(writing, Long.toString(ProcessHandle.current().pid()));
        Files.move(writing, Path.of(started), StandardCopyOption.REPLACE_EXISTING);
        while (!Files.exists(Path.of(file))) {
            Thread.sleep(5);
        }
        return file;
    }

    static byte[] reversed(byte[] bytes) {
        var reversed = new byte[bytes.length];
        for (var index = 0; index < bytes.length; index++) {
            reversed[index] = bytes[bytes.length - 1 - index];
        }
        return reversed;
    }

    static ByteBuffer filled(int size) {
        var bytes = new byte[size];
        Arrays.fill(bytes, (byte) 7);
        return ByteBuffer.wrap(bytes);
    }

    static String repeated(String text, int times) {
        return text.repeat(times);
    }
}
