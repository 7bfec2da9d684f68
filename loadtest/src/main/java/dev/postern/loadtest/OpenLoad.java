package dev.postern.loadtest;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.util.AttributeKey;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Calls at a fixed rate, whether or not the answers come in time. Each call has a time at which it should begin, and
 * its latency counts from then: a call that waits because the contestant is slow is slow, too. The loader is a process
 * of its own, with one thread, so that its processor time is known.
 */
public final class OpenLoad {
    private static final int CONNECTIONS = 64;
    private static final int LARGEST_ANSWER = 1 << 20;
    private static final long LONGEST_MICROS = TimeUnit.SECONDS.toMicros(30);
    /** Calls of the first seconds are not counted: they warm the loader up. */
    private static final int WARM_UP_SECONDS = 3;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Histogram histogram = new Histogram(LONGEST_MICROS, 3);
    private final Queue<Channel> free = new ArrayDeque<>();
    private final Queue<Long> due = new ArrayDeque<>();
    private final ByteBuf request;
    private long answered;
    private long refused;

    private OpenLoad(ByteBuf request) {
        this.request = request;
    }

    /** @param arguments port, calls per second, seconds, and the lines of the head */
    public static void main(String[] arguments) throws InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        int rate = Integer.parseInt(arguments[1]);
        int seconds = Integer.parseInt(arguments[2]);
        StringBuilder head = new StringBuilder("GET /devices/lamp HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for (int i = 3; i < arguments.length; i++) {
            head.append(arguments[i]).append("\r\n");
        }
        ByteBuf request = Unpooled.unreleasableBuffer(
                Unpooled.copiedBuffer(head.append("\r\n"), StandardCharsets.US_ASCII));
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            new OpenLoad(request).run(loop, port, rate, seconds);
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private void run(EventLoopGroup loop, int port, int rate, int seconds) throws InterruptedException {
        Bootstrap bootstrap = new Bootstrap().group(loop).channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true).handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new HttpClientCodec(), new HttpObjectAggregator(LARGEST_ANSWER),
                                new Answers());
                    }
                });
        for (int i = 0; i < CONNECTIONS; i++) {
            free.add(bootstrap.connect("127.0.0.1", port).sync().channel());
        }
        load(loop, rate, WARM_UP_SECONDS);
        loop.next().submit(() -> {
            histogram.reset();
            answered = 0;
            refused = 0;
        }).sync();
        long cpu = processCpu();
        load(loop, rate, seconds);
        loop.next().submit(() -> print((long) rate * seconds, processCpu() - cpu)).sync();
    }

    /** Calls that are still under way at the end get one more second. */
    private void load(EventLoopGroup loop, int rate, int seconds) throws InterruptedException {
        long start = System.nanoTime();
        loop.next().submit(() -> arrive(loop, start, 0, rate, (long) rate * seconds)).sync();
        TimeUnit.SECONDS.sleep(seconds + 1L);
    }

    /** Begins all calls that should have begun by now. */
    private void arrive(EventLoopGroup loop, long start, long begun, int rate, long total) {
        long now = System.nanoTime();
        long next = begun;
        while (next < total && start + next * TimeUnit.SECONDS.toNanos(1) / rate <= now) {
            due.add(start + next * TimeUnit.SECONDS.toNanos(1) / rate);
            next++;
        }
        send();
        long after = next;
        if (after < total) {
            var _ = loop.next().schedule(() -> arrive(loop, start, after, rate, total), PAUSE_NANOS,
                    TimeUnit.NANOSECONDS);
        }
    }

    private void send() {
        while (!due.isEmpty() && !free.isEmpty()) {
            Channel channel = free.remove();
            channel.attr(Answers.BEGUN).set(due.remove());
            // Raw bytes, which bypass the encoder of the codec: the codec only decodes here.
            var _ = channel.pipeline().firstContext().writeAndFlush(request.duplicate());
        }
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private void print(long total, long cpu) {
        System.out.println(String.format(Locale.ROOT, "total=%d answered=%d refused=%d p50=%d p90=%d p99=%d p999=%d max=%d"
                + " cpu=%.2f", total, answered, refused, histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(90), histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9), histogram.getMaxValue(), cpu / 1e9));
    }

    private final class Answers extends SimpleChannelInboundHandler<FullHttpResponse> {
        static final AttributeKey<Long> BEGUN = AttributeKey.valueOf("begun");

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - context.channel().attr(BEGUN).get());
            histogram.recordValue(Math.min(micros, LONGEST_MICROS));
            answered++;
            if (response.status().code() >= 300) {
                refused++;
            }
            free.add(context.channel());
            send();
        }
    }
}
