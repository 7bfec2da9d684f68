package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.publisher.TestPublisher;

class UploadPaceTest {
    private final EventLoop loop = new DefaultEventLoop();
    private final List<String> signals = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** The timer runs on the loop that subscribed; the buffer comes on the thread of the test. */
    @Test
    void doesNotFailAnUploadWhileABufferIsBeingForwarded() throws Exception {
        TestPublisher<DataBuffer> client = TestPublisher.create();
        CountDownLatch handingOn = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        loop.submit(() -> new UploadPace(Duration.ofSeconds(1), 1_000_000).hold(client.flux())
                .subscribe(new BaseSubscriber<DataBuffer>() {
                    @Override
                    protected void hookOnNext(DataBuffer buffer) {
                        signals.add("begin");
                        handingOn.countDown();
                        signals.add(happens(failed, 2_000) ? "failed meanwhile" : "end");
                    }

                    @Override
                    protected void hookOnError(Throwable failure) {
                        signals.add(failure.getClass().getSimpleName());
                        failed.countDown();
                    }
                })).get();

        client.next(DefaultDataBufferFactory.sharedInstance.wrap("a".getBytes(StandardCharsets.UTF_8)));

        assertThat(handingOn.getCount()).isZero();
        assertThat(failed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(signals).containsExactly("begin", "end", "SlowUploadException");
        client.assertCancelled();
    }

    private static boolean happens(CountDownLatch latch, long millis) {
        try {
            return latch.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
