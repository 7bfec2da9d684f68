package dev.postern.support;

import dev.postern.support.RawHttp.Reply;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Speaks HTTP/2 frame by frame, because tests send what a well-behaved client would not. */
@SuppressWarnings("FutureReturnValueIgnored")
public final class Http2Client implements AutoCloseable {
    private static final EventLoopGroup LOOP = new MultiThreadIoEventLoopGroup(1,
            new io.netty.util.concurrent.DefaultThreadFactory("http2-client", true), NioIoHandler.newFactory());
    private static final int LIMIT_SECONDS = 20;

    private final Channel connection;
    private final CompletableFuture<Long> goAway = new CompletableFuture<>();

    /** Connects, with prior knowledge or by ALPN. */
    public Http2Client(int port, boolean tls) {
        try {
            SslContext ssl = tls
                    ? SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .endpointIdentificationAlgorithm(null)
                            .applicationProtocolConfig(new ApplicationProtocolConfig(
                                    ApplicationProtocolConfig.Protocol.ALPN,
                                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                    ApplicationProtocolNames.HTTP_2))
                            .build()
                    : null;
            connection = new Bootstrap().group(LOOP).channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            if (ssl != null) {
                                channel.pipeline().addLast(ssl.newHandler(channel.alloc()));
                            }
                            channel.pipeline().addLast(
                                    Http2FrameCodecBuilder.forClient().validateHeaders(false)
                                            .initialSettings(Http2Settings.defaultSettings().pushEnabled(false)
                                                    .maxHeaderListSize(1 << 20))
                                            .encoderEnforceMaxConcurrentStreams(true).build(),
                                    new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                                    new Connection());
                        }
                    }).connect(InetAddress.getLoopbackAddress(), port).syncUninterruptibly().channel();
            if (tls) {
                connection.pipeline().get(SslHandler.class).handshakeFuture().syncUninterruptibly();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private final class Connection extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http2GoAwayFrame frame) {
                goAway.complete(frame.errorCode());
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(context.newPromise());
        }
    }

    /** A stream was reset. */
    public static final class ResetException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final long error;

        ResetException(long error) {
            super("reset with " + error);
            this.error = error;
        }

        public long error() {
            return error;
        }
    }

    /** A request that is being answered. */
    public static final class Call extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private final CompletableFuture<Reply> reply = new CompletableFuture<>();
        private final ByteBuf body = Unpooled.buffer();
        private Http2Headers head = new DefaultHttp2Headers();

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame) {
            switch (frame) {
                case Http2HeadersFrame headers -> {
                    if (headers.headers().status() != null) {
                        head = headers.headers();
                    }
                    end(headers.isEndStream());
                }
                case Http2DataFrame data -> {
                    body.writeBytes(data.content());
                    end(data.isEndStream());
                }
                default -> {
                }
            }
        }

        private void end(boolean ended) {
            if (ended) {
                Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                head.forEach(entry -> headers.computeIfAbsent(entry.getKey().toString(), _ -> new ArrayList<>())
                        .add(entry.getValue().toString()));
                reply.complete(new Reply(Integer.parseInt(head.status().toString()), headers,
                        ByteBufUtil.getBytes(body)));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                reply.completeExceptionally(new ResetException(reset.errorCode()));
            }
            ReferenceCountUtil.release(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            reply.completeExceptionally(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            reply.completeExceptionally(new IOException("the stream ended without an answer"));
        }

        public Reply await() {
            try {
                return reply.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException failed) {
                throw failed.getCause() instanceof RuntimeException known
                        ? known
                        : new IllegalStateException(failed.getCause());
            } catch (InterruptedException | TimeoutException failed) {
                throw new IllegalStateException(failed);
            }
        }
    }

    /** Sends a request and does not wait. */
    public Call send(Http2Headers headers, byte[] body, boolean ended) {
        Call call = new Call();
        Http2StreamChannel stream = new Http2StreamChannelBootstrap(connection).handler(call).open()
                .syncUninterruptibly().getNow();
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, ended && body.length == 0)).addListener(sent -> {
            if (!sent.isSuccess()) {
                call.reply.completeExceptionally(sent.cause());
            }
        });
        if (body.length > 0) {
            stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(body), ended), stream.newPromise());
        }
        return call;
    }

    public Reply call(Http2Headers headers, byte[] body) {
        return send(headers, body, true).await();
    }

    /** The pseudo-headers of a request, and these lines. */
    public static Http2Headers headers(String method, String path, String... lines) {
        Http2Headers headers = new DefaultHttp2Headers(false).method(method).scheme("http").path(path)
                .authority("gate.test");
        for (String line : lines) {
            int colon = line.indexOf(':', 1);
            headers.add(line.substring(0, colon).toLowerCase(java.util.Locale.ROOT), line.substring(colon + 1).strip());
        }
        return headers;
    }

    public void ping() {
        connection.writeAndFlush(new DefaultHttp2PingFrame(1), connection.newPromise());
    }

    /** Sends bytes that are no frame. */
    public void sendRaw(byte[] bytes) {
        connection.pipeline().context(Http2FrameCodec.class).writeAndFlush(Unpooled.wrappedBuffer(bytes),
                connection.newPromise());
    }

    /** The error code with which the gate ends the connection, as soon as it arrives. */
    public CompletableFuture<Long> goAway() {
        return goAway;
    }

    public boolean isOpen() {
        return connection.isActive();
    }

    @Override
    public void close() {
        connection.close().awaitUninterruptibly(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
