package dev.muster.parallel.wire;

import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Bytes that are being written, in memory. Used by one thread.
public final class ByteSink extends OutputStream {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int size;

    public ByteSink(int capacity) {
        bytes = new byte[capacity];
    }

    /// Makes room for so many bytes, so that writing them cannot fail.
    void reserve(int more) {
        if (more > bytes.length - size) {
            var wanted = (long) size + more;
            if (wanted > Integer.MAX_VALUE - 8) {
                throw new OutOfMemoryError(
                        "a value of more than 2 GB; send it in parts, or as a ByteBuffer");
            }
            var doubled = Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8);
            bytes = Arrays.copyOf(bytes, (int) Math.max(wanted, doubled));
        }
    }

    @Override
    public void write(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    @Override
    public void write(byte[] source, int from, int length) {
        reserve(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    @Override
    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    /// Four bytes, the highest first.
    public void writeInt(int value) {
        reserve(Integer.BYTES);
        INT.set(bytes, size, value);
        size += Integer.BYTES;
    }

    /// Eight bytes, the highest first.
    public void writeLong(long value) {
        reserve(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
    }

    /// Changes four bytes that were written before.
    public void setInt(int at, int value) {
        INT.set(bytes, at, value);
    }

    /// Forgets what was written after the first bytes, of that number.
    public void truncate(int newSize) {
        size = newSize;
    }

    /// Forgets what was written.
    public void clear() {
        size = 0;
    }

    /// How many bytes were written.
    public int size() {
        return size;
    }

    /// What was written, from index 0, with room after it. Valid until the next write.
    public byte[] array() {
        return bytes;
    }

    /// A copy of what was written.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }
}
