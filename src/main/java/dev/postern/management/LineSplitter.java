package dev.postern.management;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;

/** Splits a body into lines as it arrives. The content of a line that is too long is discarded. */
final class LineSplitter {
    private final int maxLength;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean tooLong;
    private long number;

    private LineSplitter(int maxLength) {
        this.maxLength = maxLength;
    }

    /** @param maxLength the maximum length of a line, in bytes */
    static Flux<Line> split(Flux<DataBuffer> body, int maxLength) {
        return Flux.defer(() -> {
            LineSplitter splitter = new LineSplitter(maxLength);
            return body.concatMapIterable(splitter::lines, 1)
                    .concatWith(Flux.defer(() -> Flux.fromIterable(splitter.rest())))
                    .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
        });
    }

    private List<Line> lines(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        List<Line> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                append(bytes, start, i);
                lines.add(end());
                start = i + 1;
            }
        }
        append(bytes, start, bytes.length);
        return lines;
    }

    private void append(byte[] bytes, int from, int to) {
        // One more, which may be part of the line terminator.
        if (tooLong || begun.size() + (to - from) > maxLength + 1) {
            tooLong = true;
            begun.reset();
        } else {
            begun.write(bytes, from, to - from);
        }
    }

    private Line end() {
        byte[] bytes = begun.toByteArray();
        if (bytes.length > 0 && bytes[bytes.length - 1] == '\r') {
            bytes = Arrays.copyOf(bytes, bytes.length - 1);
        }
        boolean over = tooLong || bytes.length > maxLength;
        begun.reset();
        tooLong = false;
        return new Line(++number, over ? new byte[0] : bytes, over);
    }

    /** The last line, which has no terminator. */
    private List<Line> rest() {
        return begun.size() > 0 || tooLong ? List.of(end()) : List.of();
    }
}
