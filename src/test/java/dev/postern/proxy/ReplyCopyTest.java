package dev.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.catalog.DeviceEffect;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.GateMeters.Learned;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/**
 * When a copy is complete, and what becomes of its buffers, if signals come in an order that no socket can be made to
 * keep to.
 */
class ReplyCopyTest {
    private static final NettyDataBufferFactory BUFFERS = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);
    private static final String REPLY = "{\"errno\":0}";

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<String> told = new ArrayList<>();
    private final DeviceLearner learner = new DeviceLearner(new DeviceListener() {
        @Override
        public void registered(AccountId account, DeviceId device) {
            told.add("registered " + device);
        }

        @Override
        public void removed(AccountId account, DeviceId device) {
            told.add("removed " + device);
        }
    }, new GateMeters(registry));

    private ReplyCopy copy(long length) {
        return new ReplyCopy(learner.lesson("a-request", new AccountId("acme"),
                new DeviceEffect.Removes(new DeviceId("lamp"))), length);
    }

    private Map<String, Double> counted() {
        Map<String, Double> counted = new TreeMap<>();
        registry.find(GateMeters.LEARNED).counters()
                .forEach(counter -> counted.put(counter.getId().getTag("outcome"), counter.count()));
        return counted;
    }

    private static DataBuffer buffer(String text) {
        return BUFFERS.wrap(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    @Test
    void isCompleteBeforeTheLastByteIsPassedOn() {
        TestPublisher<DataBuffer> body = TestPublisher.create();

        StepVerifier.create(copy(REPLY.length()).whole(body.flux()))
                .then(() -> body.next(buffer(REPLY.substring(0, 5))))
                .assertNext(_ -> assertThat(told).isEmpty())
                .then(() -> body.next(buffer(REPLY.substring(5))))
                .assertNext(_ -> assertThat(told).containsExactly("removed lamp"))
                .then(body::complete)
                .verifyComplete();

        assertThat(told).hasSize(1);
        assertThat(counted()).isEqualTo(Map.of("removed", 1.0));
    }

    @Test
    void isCompleteAtTheEndWithoutAContentLength() {
        for (long length : new long[]{-1, 0}) {
            told.clear();
            TestPublisher<DataBuffer> body = TestPublisher.create();
            StepVerifier.create(copy(length).whole(body.flux()))
                    .then(() -> body.next(buffer(REPLY)))
                    .assertNext(_ -> assertThat(told).isEmpty())
                    .then(body::complete)
                    .verifyComplete();
            assertThat(told).containsExactly("removed lamp");
        }
    }

    @Test
    void isNotCompleteBeforeTheLastPartIsPassedOn() {
        TestPublisher<DataBuffer> first = TestPublisher.create();
        TestPublisher<DataBuffer> second = TestPublisher.create();
        List<Publisher<DataBuffer>> parts = new ArrayList<>();

        StepVerifier.create(copy(-1).parts(Flux.just(first.flux(), second.mono())))
                .recordWith(() -> parts).expectNextCount(2).verifyComplete();
        assertThat(told).as("the list of parts ended, none of them was written").isEmpty();
        StepVerifier.create(parts.getFirst()).then(() -> first.emit(buffer("{\"errno\"")))
                .expectNextCount(1).verifyComplete();
        assertThat(told).isEmpty();
        StepVerifier.create(parts.getLast()).then(() -> second.emit(buffer(":0}")))
                .expectNextCount(1).verifyComplete();

        assertThat(told).containsExactly("removed lamp");
    }

    @Test
    void keepsABodyOfOneBufferInOneBuffer() {
        Publisher<DataBuffer> copied = copy(-1).whole(Mono.fromSupplier(() -> buffer(REPLY)));

        assertThat(copied).isInstanceOf(Mono.class);
        StepVerifier.create(copied).expectNextCount(1).verifyComplete();
        assertThat(told).containsExactly("removed lamp");
        StepVerifier.create(copy(-1).whole(Mono.empty())).verifyComplete();
        assertThat(told).hasSize(2);
    }

    @Test
    void neitherConsumesNorRetainsTheBuffers() {
        DataBuffer buffer = BUFFERS.allocateBuffer(64).write("xx" + REPLY, StandardCharsets.UTF_8);
        buffer.readPosition(2);

        StepVerifier.create(copy(REPLY.length()).whole(Flux.just(buffer)))
                .assertNext(passed -> {
                    assertThat(passed).isSameAs(buffer);
                    assertThat(passed.readPosition()).isEqualTo(2);
                    assertThat(passed.toString(StandardCharsets.UTF_8)).isEqualTo(REPLY);
                    assertThat(((NettyDataBuffer) passed).getNativeBuffer().refCnt()).isEqualTo(1);
                })
                .verifyComplete();

        ((NettyDataBuffer) buffer).release();
        assertThat(told).containsExactly("removed lamp");
    }

    @Test
    void requestsNoMoreThanTheClientTakes() {
        List<Long> asked = new ArrayList<>();
        TestPublisher<DataBuffer> body = TestPublisher.create();

        StepVerifier.create(copy(-1).whole(body.flux().doOnRequest(asked::add)), 0)
                .then(() -> assertThat(asked).isEmpty())
                .thenRequest(1)
                .then(() -> assertThat(asked).containsExactly(1L))
                .then(() -> body.emit(buffer(REPLY)))
                .expectNextCount(1).verifyComplete();
    }

    @Test
    void reportsAnInterruptionOnce() {
        TestPublisher<DataBuffer> failing = TestPublisher.create();
        StepVerifier.create(copy(-1).whole(failing.flux()))
                .then(() -> failing.next(buffer(REPLY)).error(new IllegalStateException("cut")))
                .expectNextCount(1).verifyError();
        assertThat(counted()).isEqualTo(Map.of("broken_off", 1.0));

        TestPublisher<DataBuffer> left = TestPublisher.create();
        StepVerifier.create(copy(-1).parts(Flux.just(left.flux()).concatWith(Flux.never())).concatMap(part -> part))
                .then(() -> left.next(buffer(REPLY)))
                .expectNextCount(1).thenCancel().verify();

        assertThat(counted()).isEqualTo(Map.of("broken_off", 2.0));
        assertThat(told).isEmpty();
    }

    @Test
    void keepsWhatItLearnedIfTheClientDisconnectsAfterwards() {
        TestPublisher<DataBuffer> body = TestPublisher.create();

        StepVerifier.create(copy(REPLY.length()).whole(body.flux()))
                .then(() -> body.next(buffer(REPLY)))
                .expectNextCount(1).thenCancel().verify();

        assertThat(told).containsExactly("removed lamp");
        assertThat(counted()).isEqualTo(Map.of(Learned.REMOVED.word(), 1.0));
    }
}
