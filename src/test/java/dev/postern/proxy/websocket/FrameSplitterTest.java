package dev.postern.proxy.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Between Netty's encoder and decoder, {@link FrameSplitter} loses nothing, and passes on no frame that is longer than
 * the decoder accepts.
 */
class FrameSplitterTest {
    private static final int MAX = FrameSplitter.MAX_FRAME;
    private static final List<Integer> SIZES = List.of(0, 1, 125, 126, 127, 65_534, MAX - 1, MAX, MAX + 1, MAX + 125,
            MAX + 126, 2 * MAX - 1, 2 * MAX, 2 * MAX + 1, 300_000);

    private static EmbeddedChannel receiver(boolean masked, long maxMessage) {
        return new EmbeddedChannel(new FrameSplitter(maxMessage), new WebSocket13FrameDecoder(masked, false, MAX));
    }

    /** The frames as bytes. */
    private static ByteBuf bytes(boolean masked, WebSocketFrame... frames) {
        EmbeddedChannel sender = new EmbeddedChannel(new WebSocket13FrameEncoder(masked));
        sender.writeOutbound((Object[]) frames);
        ByteBuf bytes = Unpooled.buffer();
        for (ByteBuf part = sender.readOutbound(); part != null; part = sender.readOutbound()) {
            bytes.writeBytes(part);
            part.release();
        }
        return bytes;
    }

    private static byte[] content(WebSocketFrame frame) {
        byte[] content = new byte[frame.content().readableBytes()];
        frame.content().readBytes(content);
        frame.release();
        return content;
    }

    /** What a random sender sends, in pieces of random size, arrives at a receiver. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void changesNothingButTheFragments(long seed) {
        Random random = new Random(seed);
        boolean masked = seed % 2 == 0;
        List<WebSocketFrame> frames = new ArrayList<>();
        List<byte[]> messages = new ArrayList<>();
        int pings = 0;
        for (int i = 0; i < 12; i++) {
            int fragments = 1 + random.nextInt(3);
            ByteBuf message = Unpooled.buffer();
            for (int f = 0; f < fragments; f++) {
                byte[] part = new byte[SIZES.get(random.nextInt(SIZES.size()))];
                random.nextBytes(part);
                message.writeBytes(part);
                boolean last = f == fragments - 1;
                ByteBuf payload = Unpooled.wrappedBuffer(part);
                frames.add(f > 0
                        ? new ContinuationWebSocketFrame(last, 0, payload)
                        : random.nextBoolean()
                                ? new TextWebSocketFrame(last, 0, payload)
                                : new BinaryWebSocketFrame(last, 0, payload));
                if (random.nextInt(4) == 0) {
                    frames.add(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[random.nextInt(126)])));
                    pings++;
                }
            }
            byte[] whole = new byte[message.readableBytes()];
            message.readBytes(whole);
            messages.add(whole);
        }
        ByteBuf bytes = bytes(masked, frames.toArray(WebSocketFrame[]::new));

        EmbeddedChannel receiver = receiver(masked, Long.MAX_VALUE);
        while (bytes.isReadable()) {
            int piece = Math.min(bytes.readableBytes(), 1 + (random.nextBoolean()
                    ? random.nextInt(20)
                    : random.nextInt(100_000)));
            receiver.writeInbound(bytes.readBytes(piece));
        }

        List<byte[]> received = new ArrayList<>();
        ByteBuf message = Unpooled.buffer();
        for (WebSocketFrame frame = receiver.readInbound(); frame != null; frame = receiver.readInbound()) {
            if (frame instanceof PingWebSocketFrame ping) {
                pings--;
                ping.release();
                continue;
            }
            boolean last = frame.isFinalFragment();
            message.writeBytes(content(frame));
            if (last) {
                byte[] whole = new byte[message.readableBytes()];
                message.readBytes(whole);
                received.add(whole);
            }
        }
        assertThat(received).usingElementComparator(java.util.Arrays::compare).containsExactlyElementsOf(messages);
        assertThat(pings).isZero();
        assertThat(receiver.finish()).isFalse();
    }

    @Test
    void forwardsAFragmentBeforeItsFrameIsComplete() {
        ByteBuf bytes = bytes(true, new BinaryWebSocketFrame(Unpooled.wrappedBuffer(new byte[10 * MAX])));
        EmbeddedChannel receiver = receiver(true, Long.MAX_VALUE);

        receiver.writeInbound(bytes.readBytes(MAX + 100));

        WebSocketFrame first = receiver.readInbound();
        assertThat(first).isInstanceOf(BinaryWebSocketFrame.class);
        assertThat(first.isFinalFragment()).isFalse();
        assertThat(content(first)).hasSize(MAX);
        receiver.finishAndReleaseAll();
        bytes.release();
    }

    @Test
    void limitsTheSizeOfEachMessageOverAllItsFrames() {
        EmbeddedChannel receiver = receiver(false, 100);
        for (int i = 0; i < 3; i++) {
            receiver.writeInbound(bytes(false, new TextWebSocketFrame(false, 0, Unpooled.wrappedBuffer(new byte[60])),
                    new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[90])),
                    new ContinuationWebSocketFrame(true, 0, Unpooled.wrappedBuffer(new byte[40]))));
        }
        receiver.writeInbound(bytes(false, new TextWebSocketFrame(false, 0, Unpooled.wrappedBuffer(new byte[60])),
                new ContinuationWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER)));
        receiver.writeInbound(bytes(false, new TextWebSocketFrame(false, 0, Unpooled.wrappedBuffer(new byte[60]))));

        assertThatThrownBy(() -> receiver.writeInbound(
                bytes(false, new ContinuationWebSocketFrame(true, 0, Unpooled.wrappedBuffer(new byte[41])))))
                .isInstanceOfSatisfying(CorruptedWebSocketFrameException.class,
                        failure -> assertThat(failure.closeStatus()).isEqualTo(WebSocketCloseStatus.MESSAGE_TOO_BIG));
        receiver.finishAndReleaseAll();
    }

    /** Lengths that no frame may have: they are written in more bytes than they need, or are negative. */
    @ParameterizedTest
    @ValueSource(strings = {"827e0001", "827f000000000000ffff", "827fffffffffffffffff", "897e0080",
            "89ff0000000000020000"})
    void leavesInvalidLengthsToTheDecoder(String hex) {
        EmbeddedChannel receiver = receiver(false, Long.MAX_VALUE);
        ByteBuf bytes = Unpooled.wrappedBuffer(java.util.HexFormat.of().parseHex(hex + "00".repeat(200)));

        assertThatThrownBy(() -> receiver.writeInbound(bytes)).isInstanceOf(CorruptedWebSocketFrameException.class);
        receiver.finishAndReleaseAll();
    }
}
