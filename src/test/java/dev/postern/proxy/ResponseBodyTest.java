package dev.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.call.ClientGoneException;
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
    private static final Duration LONG = Duration.ofHours(1);
    private static final EventLoop LOOP = new DefaultEventLoop();

    private final AtomicBoolean abandoned = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean completed = new AtomicBoolean();
    private final ByteBuf data = Unpooled.wrappedBuffer(new byte[100]);

    @AfterAll
    static void stop() {
        var _ = LOOP.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private ResponseBody body(Duration patience) {
        return new ResponseBody(LOOP, new ResponseBody.Source() {
            @Override
            public void read(boolean wanted) {}

            @Override
            public void abandon() {
                abandoned.set(true);
            }
        }, patience);
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
    void isGivenUpIfNobodyAsksForItsRest() throws Exception {
        ResponseBody body = body(Duration.ofMillis(100));
        body.subscribe(subscriber());
        onLoop(() -> body.add(data));
        onLoop(body::end);

        await().atMost(Duration.ofSeconds(20)).until(() -> failure.get() != null);
        assertThat(failure.get()).isInstanceOf(ClientGoneException.class);
        assertThat(abandoned).isTrue();
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void waitsForASubscriberThatIsSlowButReads() throws Exception {
        ResponseBody body = body(Duration.ofSeconds(3));
        BaseSubscriber<DataBuffer> subscriber = subscriber();
        body.subscribe(subscriber);
        int parts = 8;
        onLoop(() -> {
            for (int i = 0; i < parts; i++) {
                body.add(Unpooled.wrappedBuffer(new byte[10]));
            }
            body.end();
        });
        for (int i = 0; i < parts; i++) {
            Thread.sleep(500);
            subscriber.request(1);
        }

        await().atMost(Duration.ofSeconds(20)).untilTrue(completed);
        assertThat(failure.get()).isNull();
        assertThat(abandoned).isFalse();
    }

    @Test
    void failsWithoutBeingAsked() throws Exception {
        ResponseBody body = body(LONG);
        body.subscribe(subscriber());
        onLoop(() -> body.add(data));
        onLoop(() -> body.fail(new IOException("reset by the backend")));

        assertThat(failure.get()).hasMessage("reset by the backend");
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void saysWhenEverythingHasArrivedAlthoughNothingWasDelivered() throws Exception {
        ResponseBody body = body(LONG);
        BaseSubscriber<DataBuffer> subscriber = subscriber();
        AtomicBoolean received = new AtomicBoolean();
        body.subscribe(subscriber);
        body.whenReceived(() -> received.set(true));
        onLoop(() -> body.add(data));
        assertThat(received).isFalse();
        onLoop(body::end);
        assertThat(received).isTrue();
        assertThat(completed).isFalse();

        subscriber.request(1);
        await().atMost(Duration.ofSeconds(20)).untilTrue(completed);
        assertThat(data.refCnt()).isZero();
    }
}
