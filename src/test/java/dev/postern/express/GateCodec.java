package dev.postern.express;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** The HTTP codec of the chain, for comparison with what the lane reads. */
final class GateCodec {
    private GateCodec() {}

    /** A decoder as Reactor Netty sets it up with the limits of application.yml. */
    static EmbeddedChannel open() {
        return new EmbeddedChannel(new HttpRequestDecoder(new HttpDecoderConfig().setMaxInitialLineLength(16 * 1024)
                .setMaxHeaderSize(32 * 1024).setValidateHeaders(true)));
    }
}
