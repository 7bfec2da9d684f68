package dev.postern.inbound;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks each request against the rules, in their order, and replaces a request that breaks a rule or could not be
 * decoded by a {@link RefusedRequest}.
 */
@ChannelHandler.Sharable
final class RequestRules extends ChannelInboundHandlerAdapter {
    private final List<RequestRule> rules;

    RequestRules(List<RequestRule> rules) {
        this.rules = List.copyOf(rules);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HttpRequest request)) {
            context.fireChannelRead(message);
            return;
        }
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            ReferenceCountUtil.release(message);
            if (!(cause instanceof PrematureChannelClosureException)) {
                // The decoder has given up on the connection, because it does not know where the next request begins.
                context.fireChannelRead(RefusedRequest.lastOf(request, Refusal.undecodable(cause)));
                context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
            }
            return;
        }
        Refusal refusal = refusal(request);
        if (refusal == null) {
            context.fireChannelRead(message);
            return;
        }
        context.fireChannelRead(RefusedRequest.of(request, refusal));
        if (message instanceof FullHttpRequest full) {
            full.release();
            context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    private @Nullable Refusal refusal(HttpRequest request) {
        for (RequestRule rule : rules) {
            Refusal refusal = rule.check(request);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }
}
