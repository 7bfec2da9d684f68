package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postern.support.OwnsItsGate;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No command is ever given the reply to another, whatever fails while replies are read. */
@OwnsItsGate
class CloseOnErrorTest {
    private static final int COMMANDS = 8;

    @TempDir
    private Path folder;
    private EmbeddedRedis server;
    private RedisClient client;
    private DefaultClientResources resources;
    private final AtomicReference<Failure> next = new AtomicReference<>(Failure.NONE);

    enum Failure {
        NONE, BEFORE_READING, WHILE_READING
    }

    /** Causes an error before the bytes from the socket arrive, or when Lettuce reads them. */
    @ChannelHandler.Sharable
    private final class Trouble extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            switch (next.getAndSet(Failure.NONE)) {
                case NONE -> context.fireChannelRead(message);
                case BEFORE_READING -> {
                    context.fireExceptionCaught(new StackOverflowError("made by the test"));
                    context.fireChannelRead(message);
                }
                case WHILE_READING -> {
                    ByteBuf bytes = (ByteBuf) message;
                    int length = bytes.readableBytes();
                    bytes.release();
                    context.fireChannelRead(new Unreadable(length));
                }
            }
        }
    }

    private static final class Unreadable extends UnpooledHeapByteBuf {
        Unreadable(int length) {
            super(UnpooledByteBufAllocator.DEFAULT, length, length);
            writerIndex(length);
        }

        /** Copying the bytes begins with this call. */
        @Override
        public int readableBytes() {
            throw new StackOverflowError("made by the test");
        }
    }

    @BeforeEach
    void start() {
        server = EmbeddedRedis.start(folder);
        Trouble trouble = new Trouble();
        resources = DefaultClientResources.builder().nettyCustomizer(new NettyCustomizer() {
            @Override
            public void afterChannelInitialized(Channel channel) {
                CloseOnError.guard(channel.pipeline());
                channel.pipeline().addFirst(trouble);
            }
        }).build();
        client = RedisClient.create(resources, RedisURI.builder().withHost("127.0.0.1").withPort(server.port())
                .withPassword(server.password().toCharArray()).withTimeout(TestRedis.LIMIT).build());
    }

    @AfterEach
    void stop() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        var _ = resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        server.close();
    }

    @ParameterizedTest
    @EnumSource(value = Failure.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void givesEachCommandItsOwnReply(Failure failure) throws Exception {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            for (int i = 0; i < COMMANDS; i++) {
                connection.async().set("key" + i, "value" + i).get(20, TimeUnit.SECONDS);
            }
            long before = connection.async().clientId().get(20, TimeUnit.SECONDS);

            next.set(failure);
            askForAll(connection);
            await().until(() -> next.get() == Failure.NONE);
            for (int round = 0; round < 3; round++) {
                askForAll(connection);
            }

            await().ignoreExceptions().untilAsserted(
                    () -> assertThat(connection.async().get("key1").get(20, TimeUnit.SECONDS)).isEqualTo("value1"));
            assertThat(connection.async().clientId().get(20, TimeUnit.SECONDS)).as("a new connection")
                    .isNotEqualTo(before);
        }
    }

    /** Sends all commands at once. A command may fail, but it never gets the reply to another. */
    private static void askForAll(StatefulRedisConnection<String, String> connection) throws Exception {
        List<RedisFuture<String>> replies = new ArrayList<>();
        for (int i = 0; i < COMMANDS; i++) {
            replies.add(connection.async().get("key" + i));
        }
        for (int i = 0; i < COMMANDS; i++) {
            try {
                assertThat(replies.get(i).get(20, TimeUnit.SECONDS)).isEqualTo("value" + i);
            } catch (ExecutionException failed) {
                assertThat(failed).isNotNull();
            }
        }
    }
}
