package dev.postern.express;

import dev.postern.inbound.OpenCalls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** Brings the events of a client's connection to its {@link ExpressLane}, before the HTTP codec sees them. */
final class ExpressHandler extends ChannelDuplexHandler {
    private final Services services;
    private final OpenCalls calls;
    private final boolean secure;
    private @Nullable ExpressLane lane;

    ExpressHandler(Services services, OpenCalls calls, boolean secure) {
        this.services = services;
        this.calls = calls;
        this.secure = secure;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        lane = new ExpressLane(context, services, calls, secure ? "https" : "http");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (lane != null && message instanceof ByteBuf bytes) {
            lane.arrived(bytes);
        } else {
            context.fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (lane == null) {
            context.fireChannelReadComplete();
        } else {
            lane.readIsComplete();
        }
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (lane == null || lane.mayRead()) {
            context.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (lane != null) {
            lane.clientIsWritable(context.channel().isWritable());
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (lane != null) {
            lane.clientIsGone();
        }
        context.fireChannelInactive();
    }
}
