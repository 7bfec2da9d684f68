package dev.postern.inbound;

import dev.postern.telemetry.LimitedLog;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler.PriorKnowledgeUpgradeEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.slf4j.LoggerFactory;

/** Detects the protocol of a connection, from ALPN in the TLS handshake or from the first bytes of HTTP/2. */
final class ProtocolDetection extends ChannelInboundHandlerAdapter {
    private static final LimitedLog LOG = new LimitedLog(LoggerFactory.getLogger(ProtocolDetection.class));

    private final ClientPipeline ours;

    ProtocolDetection(ClientPipeline ours) {
        this.ours = ours;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        switch (event) {
            case SslHandshakeCompletionEvent handshake when handshake.isSuccess() -> ours.known(context.pipeline());
            case SslHandshakeCompletionEvent failed -> LOG.info("A TLS handshake failed: {}", failed.cause());
            case PriorKnowledgeUpgradeEvent _ -> ours.known(context.pipeline());
            default -> {
            }
        }
        context.fireUserEventTriggered(event);
    }
}
