package dev.postern.inbound;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Adds the gate's handlers to every client connection, however it is established: HTTP/1.1 with and without TLS, HTTP/2
 * by upgrade, by prior knowledge and by ALPN, and each stream of HTTP/2. A handler that is needed everywhere must be
 * added here and nowhere else.
 *
 * <p>In {@link #http1} and {@link #stream}, handlers between the codec and the server's own traffic handler see
 * requests as they are read. Handlers behind the traffic handler see requests when their turn comes, and see responses
 * first.
 */
public final class ClientPipeline implements NettyServerCustomizer {
    private static final Duration NEVER = Duration.ofDays(10_000);
    private static final String OURS = "postern.";
    private static final String PROTOCOL_DETECTION = OURS + "protocolDetection";
    private static final String TRAFFIC = OURS + "traffic";
    /** These stay when a connection turns to HTTP/2. */
    private static final Set<String> FOR_ALL_PROTOCOLS = Set.of(PROTOCOL_DETECTION, TRAFFIC);

    private final RequestRules http1Rules;
    private final RequestRules streamRules;
    private final int maxHeaders;
    private final @Nullable Duration idleTimeout;
    private final CorsSettings cors;
    private final @Nullable ConnectionLane lane;
    private final boolean watchAnswers;
    private final Drain drain;
    private final ClientTraffic traffic;
    private final BrokenBodies brokenBodies = new BrokenBodies();
    private final ReadAfterEarlyAnswer readAfterEarlyAnswer = new ReadAfterEarlyAnswer();
    private final DateAnswers dates = new DateAnswers();
    private final UntranslatableStreams untranslatable = new UntranslatableStreams();
    private final MalformedStreams malformed = new MalformedStreams();
    private final ConnectionErrors errors = new ConnectionErrors();

    /**
     * @param lane         sees the bytes of HTTP/1.1 connections first; null for none
     * @param watchAnswers whether somebody wants to know when calls end
     */
    public ClientPipeline(InboundBounds bounds, CorsSettings cors, Drain drain, ClientTraffic traffic,
            @Nullable ConnectionLane lane, boolean watchAnswers) {
        this.watchAnswers = watchAnswers;
        this.traffic = traffic;
        this.cors = cors;
        this.lane = lane;
        this.idleTimeout = bounds.idleTimeout();
        this.drain = drain;
        RequestRule host = new HostRule();
        RequestRule escaper = new TargetEscaper();
        this.http1Rules = new RequestRules(
                List.of(new VersionRule(), host, escaper, new UpgradeRule(), new WebSocketRule()));
        this.streamRules = new RequestRules(List.of(new HeadSizeRule(bounds.maxTarget(), bounds.maxHeaders()),
                new OriginFormRule(), host, escaper));
        this.maxHeaders = bounds.maxHeaders();
    }

    @Override
    public HttpServer apply(HttpServer server) {
        // The server knows only the calls that reach its codec, so idle connections are closed by handlers of the gate.
        return server.idleTimeout(NEVER).doOnChannelInit((_, channel, _) -> connection(channel))
                .childObserve(this::observe)
                .doOnBound(drain::bound)
                // Twice the limit, so that headers slightly above it are refused by HeadSizeRule, with an explanation.
                .http2Settings(http2 -> http2.maxHeaderListSize(2L * maxHeaders));
    }

    private void connection(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            http1(pipeline);
        }
        for (String choosesProtocol : List.of(NettyPipeline.H2OrHttp11Codec, NettyPipeline.H2CUpgradeHandler)) {
            if (pipeline.get(choosesProtocol) != null) {
                pipeline.addAfter(choosesProtocol, PROTOCOL_DETECTION, new ProtocolDetection(this));
            }
        }
        pipeline.addFirst(TRAFFIC, traffic);
        drain.add(channel);
    }

    /** A stream is reported when it connects. Its connection is checked then too, because it may have been upgraded. */
    private void observe(Connection connection, ConnectionObserver.State state) {
        if (ConnectionObserver.State.CONNECTED.equals(state)
                && connection.channel() instanceof Http2StreamChannel stream) {
            http2(stream.parent().pipeline());
            stream(stream.pipeline());
        }
    }

    /** Called when the protocol of the connection is known. */
    void known(ChannelPipeline pipeline) {
        if (pipeline.get(Http2FrameCodec.class) != null) {
            http2(pipeline);
        } else if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            http1(pipeline);
        }
    }

    private void http1(ChannelPipeline pipeline) {
        ChannelHandlerContext upgrade = pipeline.context(HttpServerUpgradeHandler.class);
        OpenCalls calls = new OpenCalls();
        if (drain.isAnnounced()) {
            calls.announceEnd();
        }
        pipeline.addBefore(upgrade == null ? NettyPipeline.HttpTrafficHandler : upgrade.name(), OURS + "requestRules",
                http1Rules);
        pipeline.addBefore(NettyPipeline.HttpTrafficHandler, OURS + "brokenBodies", brokenBodies);
        pipeline.addBefore(NettyPipeline.HttpTrafficHandler, OURS + "callCounter", new CallCounter(calls));
        pipeline.addBefore(NettyPipeline.HttpTrafficHandler, OURS + "headWithBody", new HeadWithBody());
        answers(pipeline);
        pipeline.addAfter(NettyPipeline.HttpTrafficHandler, OURS + "http10Answers", new Http10Answers());
        pipeline.addAfter(NettyPipeline.HttpTrafficHandler, OURS + "closeAfterLastAnswer",
                new CloseAfterLastAnswer(calls));
        if (idleTimeout != null) {
            pipeline.addLast(OURS + "idleClients", new IdleClients(calls, idleTimeout));
        }
        String first = pipeline.get(NettyPipeline.H2CUpgradeHandler) == null
                ? NettyPipeline.HttpCodec
                : NettyPipeline.H2CUpgradeHandler;
        pipeline.addBefore(first, OURS + "lingeringClose", new LingeringClose());
        if (lane != null) {
            pipeline.addBefore(first, OURS + "lane", lane.handler(calls, pipeline.get(SslHandler.class) != null));
        }
        pipeline.addAfter(NettyPipeline.HttpTrafficHandler, OURS + "readAfterEarlyAnswer", readAfterEarlyAnswer);
    }

    private void stream(ChannelPipeline pipeline) {
        pipeline.addBefore(NettyPipeline.HttpTrafficHandler, OURS + "untranslatableStreams", untranslatable);
        pipeline.addBefore(NettyPipeline.HttpTrafficHandler, OURS + "requestRules", streamRules);
        pipeline.addBefore(NettyPipeline.HttpTrafficHandler, OURS + "malformedStreams", malformed);
        answers(pipeline);
    }

    private void answers(ChannelPipeline pipeline) {
        if (watchAnswers) {
            pipeline.addAfter(NettyPipeline.HttpTrafficHandler, OURS + "answerWatch", new AnswerWatch());
        }
        pipeline.addAfter(NettyPipeline.HttpTrafficHandler, OURS + "dates", dates);
        if (cors.isOn()) {
            pipeline.addAfter(NettyPipeline.HttpTrafficHandler, OURS + "corsAnswers", new CorsAnswers(cors));
        }
    }

    private void http2(ChannelPipeline pipeline) {
        if (pipeline.get(ConnectionErrors.class) != null) {
            return;
        }
        for (String name : pipeline.names()) {
            if (name.startsWith(OURS) && !FOR_ALL_PROTOCOLS.contains(name)) {
                pipeline.remove(name);
            }
        }
        if (idleTimeout != null) {
            pipeline.addLast(OURS + "idleConnections", new IdleConnections(idleTimeout));
        }
        pipeline.addLast(OURS + "malformedLimit", new MalformedLimit());
        pipeline.addLast(OURS + "connectionErrors", errors);
    }
}
