package dev.postern.express;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;

/**
 * Writes a head into an array that the heads of an event loop share, one after the other. Many small writes to an array
 * take a fraction of the time of those to a buffer.
 */
final class HeadWriter {
    private static final int BEGIN = 4 * 1024;
    private static final FastThreadLocal<HeadWriter> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected HeadWriter initialValue() {
            return new HeadWriter();
        }
    };

    private byte[] bytes = new byte[BEGIN];
    private int size;

    private HeadWriter() {}

    /** The writer of this event loop, empty. What was written to it before must have been taken. */
    static HeadWriter begin() {
        HeadWriter writer = OF_THREAD.get();
        writer.size = 0;
        return writer;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }

    HeadWriter put(byte[] from, int start, int length) {
        ensure(length);
        System.arraycopy(from, start, bytes, size, length);
        size += length;
        return this;
    }

    HeadWriter put(byte[] from) {
        return put(from, 0, from.length);
    }

    HeadWriter put(char ascii) {
        ensure(1);
        bytes[size++] = (byte) ascii;
        return this;
    }

    /**
     * Writes the low byte of each character: a character of a header value stands for one byte, and IDs and targets are
     * ASCII.
     */
    @SuppressWarnings("deprecation") // Deprecated because it keeps only the low bytes, which is what is wanted here.
    HeadWriter put(String text) {
        int length = text.length();
        ensure(length);
        text.getBytes(0, length, bytes, size);
        size += length;
        return this;
    }

    HeadWriter endLine() {
        return put('\r').put('\n');
    }

    HeadWriter header(String name, String value) {
        return put(name).put(':').put(' ').put(value).endLine();
    }

    /**
     * Copies what was written into a buffer.
     *
     * @param room how many more bytes the buffer can take
     */
    ByteBuf take(ByteBufAllocator allocator, int room) {
        ByteBuf out = allocator.ioBuffer(size + room);
        out.writeBytes(bytes, 0, size);
        return out;
    }
}
