package dev.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.BaseSubscriber;

/** The body of a response whose subscriber asks for less than there is. */
class ResponseBodyTest {
    private static final EventLoop LOOP = new DefaultEventLoop();

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean completed = new AtomicBoolean();
    private final ByteBuf data = Unpooled.wrappedBuffer(new byte[100]);

    @AfterAll
    static void stop() {
        var _ = LOOP.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static ResponseBody body() {
        return new ResponseBody(LOOP, new ResponseBody.Source() {
            @Override
            public void read(boolean wanted) {}

            @Override
            public void abandon() {}
        });
    }

    private BaseSubscriber<DataBuffer> subscriber() {
        return new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}

            @Override
            protected void hookOnNext(DataBuffer value) {
                DataBufferUtils.release(value);
            }

            @Override
            protected void hookOnComplete() {
                completed.set(true);
            }

            @Override
            protected void hookOnError(Throwable thrown) {
                failure.set(thrown);
            }
        };
    }

    private static void onLoop(Runnable task) throws Exception {
        LOOP.submit(task).get();
    }

    @Test
    void failsWithoutBeingAsked() throws Exception {
        ResponseBody body = body();
        body.subscribe(subscriber());
        onLoop(() -> body.add(data));
        onLoop(() -> body.fail(new IOException("reset by the backend")));

        assertThat(failure.get()).hasMessage("reset by the backend");
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void keepsWhatNobodyHasAskedForYet() throws Exception {
        ResponseBody body = body();
        BaseSubscriber<DataBuffer> subscriber = subscriber();
        body.subscribe(subscriber);
        onLoop(() -> body.add(data));
        onLoop(body::end);
        onLoop(() -> assertThat(body.isWaiting()).isTrue());
        assertThat(completed).isFalse();

        subscriber.request(1);
        await().atMost(Duration.ofSeconds(20)).untilTrue(completed);
        onLoop(() -> assertThat(body.delivered()).isOne());
        assertThat(data.refCnt()).isZero();
    }
}
