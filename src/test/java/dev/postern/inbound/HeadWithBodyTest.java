package dev.postern.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored")
class HeadWithBodyTest {
    /** What reaches the connection. */
    private final List<String> seen = new ArrayList<>();
    private boolean fails;
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelDuplexHandler() {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            seen.add(message instanceof HttpResponse ? "head" : message instanceof LastHttpContent ? "end" : "body");
            if (fails) {
                promise.setFailure(new IllegalStateException("cannot be written"));
            } else {
                context.write(message, promise);
            }
        }

        @Override
        public void flush(ChannelHandlerContext context) {
            seen.add("flush");
            context.flush();
        }
    }, new HeadWithBody());

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void flushesTheHeadWithTheBodyThatFollowsAtOnce() {
        ChannelPromise written = channel.newPromise();
        written.addListener(_ -> channel.pipeline().writeAndFlush(body()));

        channel.pipeline().writeAndFlush(head(HttpResponseStatus.OK), written);
        channel.runPendingTasks();
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);

        assertThat(seen).containsExactly("head", "body", "flush", "end", "flush");
    }

    @Test
    void flushesAHeadWithoutABodyAMomentLater() {
        ChannelFuture head = channel.writeOneOutbound(head(HttpResponseStatus.OK));
        channel.pipeline().flush();
        assertThat(head.isSuccess()).isTrue();

        channel.runPendingTasks();
        channel.writeAndFlush(body());

        assertThat(seen).containsExactly("head", "flush", "body", "flush");
    }

    @Test
    void flushesAHeadThatIsFlushedAgain() {
        channel.writeOneOutbound(head(HttpResponseStatus.OK));
        channel.pipeline().flush();
        channel.pipeline().flush();

        assertThat(seen).startsWith("head", "flush");
    }

    @Test
    void flushesTheHeadBeforeItsConnectionIsClosed() {
        ChannelFuture head = channel.writeOneOutbound(head(HttpResponseStatus.OK));
        channel.pipeline().close();

        assertThat(head.isSuccess()).isTrue();
        assertThat(seen).containsExactly("head", "flush");
        assertThat(channel.<Object>readOutbound()).isInstanceOf(HttpResponse.class);
    }

    @Test
    void flushesAnInformationalHeadAtOnce() {
        ChannelFuture head = channel.writeOneOutbound(head(HttpResponseStatus.CONTINUE));
        channel.pipeline().flush();

        assertThat(head.isSuccess()).isTrue();
        assertThat(seen).containsExactly("head", "flush");
    }

    @Test
    void reportsAHeadThatCannotBeWritten() {
        fails = true;

        ChannelFuture head = channel.writeOneOutbound(head(HttpResponseStatus.OK));

        assertThat(head.cause()).hasMessage("cannot be written");
    }

    private static HttpResponse head(HttpResponseStatus status) {
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    }

    private static HttpContent body() {
        return new DefaultHttpContent(Unpooled.copiedBuffer(new byte[]{1}));
    }
}
