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
 * Copies one body, within a bound, while it passes. The buffers go on as they came: they are neither read nor kept, and who was
 * to release them still is.
 */
final class ReplyCopy {
    /** What is longer is no answer to a registration. */
    static final int MAX_REPLY = 64 * 1024;
    private static final int FIRST_ROOM = 1024;

    private final DeviceLearner.Lesson lesson;
    private final long length;
    /** What has not ended: the body, and those of its parts that have begun. */
    private final AtomicInteger open = new AtomicInteger(1);
    private byte[] bytes;
    private int size;

    /** @param length the Content-Length, at most {@link #MAX_REPLY}; negative when nothing but its end ends the body */
    ReplyCopy(DeviceLearner.Lesson lesson, long length) {
        this.lesson = lesson;
        this.length = length;
        this.bytes = new byte[length > 0 ? (int) length : FIRST_ROOM];
    }

    /** A {@link Mono} stays one: the server writes it in another way. */
    Publisher<DataBuffer> whole(Publisher<? extends DataBuffer> body) {
        return body instanceof Mono
                ? Mono.<DataBuffer>from(body).doOnNext(this::take).doOnSuccess(_ -> end())
                        .doOnError(_ -> breakOff()).doOnCancel(this::breakOff)
                : Flux.<DataBuffer>from(body).doOnNext(this::take).doOnComplete(this::end)
                        .doOnError(_ -> breakOff()).doOnCancel(this::breakOff);
    }

    /** The parts may all be there before the first of them is written: the body ends with the last of them. */
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
            // Before the client has the last byte: when it calls with the device, that is known.
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
        lesson.end(Learned.BROKEN_OFF, "the reply is not whole");
    }
}
