package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.wire.BadResponseException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Has the lane and the codec read the same body. Its bytes are cut into parts, differently for each of the two. */
final class BodyComparison {
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";

    private BodyComparison() {}

    /**
     * Why the lane refuses a body that the codec accepts: the lane cannot be sure that every server reads the body in
     * the same way.
     */
    enum Stricter {
        /** The codec also takes LF for the end of a line, and blanks or control characters before a size. */
        SIZE("the size of a chunk is not a hexadecimal number"),
        /** The codec cuts off the size at the first character that is not part of it. */
        DIGITS("the size of a chunk has too many digits"),
        /** The codec notices a size that is too large only at the end of the line. */
        LARGE("the size of a chunk is too large"),
        /** The codec does not look at the two bytes after the data of a chunk in all cases. */
        LENGTH("a chunk does not have the length that its size states"),
        /** The codec takes more bytes for the end of an extension. */
        EXTENSION("the extension of a chunk is malformed"),
        /** The codec takes most characters in a trailer. */
        TEXT("a line of a chunked body contains a control character"),
        /** The codec also takes folded and nameless trailer lines. */
        TRAILER("a trailer line does not start with a name and a colon"),
        /** The codec limits each line of a size and each trailer section, but not the extensions of all chunks. */
        EXTRAS("the extensions and trailers of a chunked body are too long");

        private final String message;

        Stricter(String message) {
            this.message = message;
        }

        static Stricter of(String message) {
            return Arrays.stream(values()).filter(rule -> rule.message.equals(message)).findFirst()
                    .orElseThrow(() -> new AssertionError("refused for an unknown reason: " + message));
        }
    }

    /** What was read: the data, the number of bytes up to the end of the body or -1, and why it was refused. */
    record Outcome(byte[] data, int end, @Nullable String refused) {}

    /** The outcome on the lane, and what it refuses although the codec accepts it. */
    record Compared(Outcome lane, @Nullable Stricter stricter) {}

    /**
     * Fails if the two disagree in any way that {@link Stricter} does not name.
     *
     * @param bytes  a chunked body, and perhaps what follows it
     * @param random chooses where the bytes are cut
     * @param what   describes the body where the comparison fails
     */
    static Compared compareChunked(byte[] bytes, Random random, String what) {
        Outcome lane = onTheLane(bytes, random, "Transfer-Encoding: chunked");
        Outcome codec = byTheCodec(bytes, random, "Transfer-Encoding: chunked\r\n\r\n", lane.end());
        if (lane.refused() != null) {
            return new Compared(lane, codec.refused() == null ? Stricter.of(lane.refused()) : null);
        }
        assertThat(codec.refused()).as(what).isNull();
        assertThat(codec.end()).as(what).isEqualTo(lane.end());
        assertThat(codec.data()).as(what).isEqualTo(lane.data());
        return new Compared(lane, null);
    }

    static Outcome onTheLane(byte[] bytes, Random random, String line) {
        PlainHead head = new PlainHead();
        assertThat(PlainFormTest.recognize(head, (HEAD + line + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(PlainForm.Found.PLAIN);
        head.recognized(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        RequestBody body = new RequestBody();
        body.begin(head);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int at = 0;
        try {
            while (at < bytes.length && !body.hasEnded()) {
                int now = 1 + random.nextInt(Math.min(bytes.length - at, 200));
                ByteBuf part = Unpooled.wrappedBuffer(bytes, at, now);
                body.take(part, slice -> data.writeBytes(ByteBufUtil.getBytes(slice)));
                at += now - part.readableBytes();
            }
        } catch (BadResponseException bad) {
            return new Outcome(data.toByteArray(), -1, bad.getMessage());
        }
        return new Outcome(data.toByteArray(), body.hasEnded() ? at : -1, null);
    }

    /**
     * @param end where the lane has found the end of the body; if the codec finds it there, too, it must be able to
     * read another request behind it
     */
    static Outcome byTheCodec(byte[] bytes, Random random, String lines, int end) {
        EmbeddedChannel codec = GateCodec.open();
        try {
            codec.writeInbound(Unpooled.copiedBuffer(HEAD + lines, StandardCharsets.US_ASCII));
            ReferenceCountUtil.release(codec.readInbound());
            int to = end < 0 ? bytes.length : end;
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            int found = -1;
            for (int at = 0; at < to && found < 0;) {
                int now = Math.min(1 + random.nextInt(Math.min(to - at, 200)), at < to - 1 ? to - at - 1 : 1);
                codec.writeInbound(Unpooled.copiedBuffer(bytes, at, now));
                at += now;
                HttpObject part;
                while (found < 0 && (part = codec.readInbound()) != null) {
                    if (part.decoderResult().isFailure()) {
                        return new Outcome(data.toByteArray(), -1, String.valueOf(part.decoderResult().cause()));
                    }
                    HttpContent content = (HttpContent) part;
                    data.writeBytes(ByteBufUtil.getBytes(content.content()));
                    found = content instanceof LastHttpContent ? at : found;
                    content.release();
                }
            }
            if (found >= 0 && found == end) {
                codec.writeInbound(Unpooled.copiedBuffer(NEXT, StandardCharsets.US_ASCII));
                HttpRequest next = codec.readInbound();
                assertThat(next.uri()).isEqualTo("/next");
            }
            return new Outcome(data.toByteArray(), found, null);
        } finally {
            codec.finishAndReleaseAll();
        }
    }
}
