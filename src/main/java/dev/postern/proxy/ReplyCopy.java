package dev.postern.proxy;

import dev.postern.telemetry.GateMeters.Learned;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Copies one body up to a size limit while it passes through. The buffers themselves are passed on untouched: their
 * read positions do not change, they are not retained, and the same component releases them as without the copy.
 */
final class ReplyCopy {
    /** A longer reply is not an answer to a registration. */
    static final int MAX_REPLY = 64 * 1024;
    private static final int FIRST_ROOM = 1024;

    private final DeviceLearner.Lesson lesson;
    private final long length;
    /** Counts what has not ended: the body itself, and those of its parts that have begun. */
    private final AtomicInteger open = new AtomicInteger(1);
    private byte[] bytes;
    private int size;

    /** @param length the Content-Length, at most {@link #MAX_REPLY}; negative when the length is unknown */
    ReplyCopy(DeviceLearner.Lesson lesson, long length) {
        this.lesson = lesson;
        this.length = length;
        this.bytes = new byte[length > 0 ? (int) length : FIRST_ROOM];
    }

    /** A {@link Mono} stays a {@link Mono}, because the server writes it differently. */
    Publisher<DataBuffer> whole(Publisher<? extends DataBuffer> body) {
        return body instanceof Mono
                ? Mono.<DataBuffer>from(body).doOnNext(this::take).doOnSuccess(_ -> end())
                        .doOnError(_ -> breakOff()).doOnCancel(this::breakOff)
                : Flux.<DataBuffer>from(body).doOnNext(this::take).doOnComplete(this::end)
                        .doOnError(_ -> breakOff()).doOnCancel(this::breakOff);
    }

    /** All parts may have been emitted before the first is written, so the body ends with the last part. */
    Flux<Publisher<DataBuffer>> parts(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        return Flux.from(body)
                .map(part -> {
                    open.incrementAndGet();
                    return whole(part);
                })
                .doOnComplete(this::end).doOnError(_ -> breakOff()).doOnCancel(this::breakOff);
    }

    private void take(DataBuffer buffer) {
        if (lesson.isOver()) {
            return;
        }
        try {
            add(buffer);
        } catch (RuntimeException defect) {
            lesson.fail(defect);
        }
    }

    private void add(DataBuffer buffer) {
        int count = buffer.readableByteCount();
        if (count > MAX_REPLY - size) {
            bytes = new byte[0];
            lesson.end(Learned.TOO_LARGE, "more than " + MAX_REPLY + " bytes");
            return;
        }
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(MAX_REPLY, Math.max(size + count, 2 * bytes.length)));
        }
        buffer.toByteBuffer(buffer.readPosition(), ByteBuffer.wrap(bytes), size, count);
        size += count;
        if (length > 0 && size >= length) {
            // Before the client receives the last byte, so that the device is known when the client's next call uses
            // it.
            learn();
        }
    }

    private void end() {
        if (open.decrementAndGet() == 0) {
            learn();
        }
    }

    private void learn() {
        lesson.learnFrom(Arrays.copyOf(bytes, size));
    }

    private void breakOff() {
        lesson.end(Learned.BROKEN_OFF, "the reply is incomplete");
    }
}
