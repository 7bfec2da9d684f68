package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Has the codec read a head that the lane has recognized as plain, and fails if the codec reads anything else. */
final class HeadComparison {
    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final long LONGEST_BODY = 2_000;
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";

    private EmbeddedChannel codec = GateCodec.open();

    /**
     * @param head  recognized as plain
     * @param bytes the bytes in which it was recognized
     * @param what  describes the head where the comparison fails
     */
    void check(PlainHead head, byte[] bytes, String what) {
        head.recognized(PEER);
        boolean clean = false;
        try {
            codec.writeInbound(Unpooled.copiedBuffer(bytes, 0, head.end));
            HttpRequest request = codec.readInbound();
            assertThat(request).as(what).isNotNull();
            assertThat(request.decoderResult().isSuccess()).as(what).isTrue();
            assertThat(request.method().name()).as(what).isEqualTo(head.method());
            assertThat(request.uri()).as(what).isEqualTo(head.target());
            assertThat(lines(request)).as(what).isEqualTo(lines(head));
            assertThat(HttpUtil.isTransferEncodingChunked(request)).as(what).isEqualTo(head.chunked);
            assertThat(HttpUtil.getContentLength(request, -1L)).as(what).isEqualTo(head.contentLength);
            assertThat(HttpUtil.isKeepAlive(request)).as(what).isEqualTo(!head.close);
            if (head.contentLength <= LONGEST_BODY) {
                bodyEndsWhereItShould(head, what);
                clean = true;
            }
        } finally {
            if (!clean) {
                codec.finishAndReleaseAll();
                codec = GateCodec.open();
            }
        }
    }

    private void bodyEndsWhereItShould(PlainHead head, String what) {
        String body = head.chunked ? "0\r\n\r\n" : "x".repeat((int) Math.max(0, head.contentLength));
        if (!body.isEmpty()) {
            assertThat(endsAfter(body.substring(0, body.length() - 1))).as(what).isFalse();
            body = body.substring(body.length() - 1);
        }
        assertThat(endsAfter(body)).as(what).isTrue();
        codec.writeInbound(latin(NEXT));
        HttpRequest next = codec.readInbound();
        assertThat(next.decoderResult().isSuccess()).as(what).isTrue();
        assertThat(next.uri()).as(what).isEqualTo("/next");
        assertThat(endsAfter("")).as(what).isTrue();
    }

    private boolean endsAfter(String part) {
        codec.writeInbound(latin(part));
        boolean ended = false;
        for (HttpObject next = codec.readInbound(); next != null; next = codec.readInbound()) {
            assertThat(next).isInstanceOf(HttpContent.class);
            assertThat(next.decoderResult().isSuccess()).isTrue();
            ended |= next instanceof LastHttpContent;
            ReferenceCountUtil.release(next);
        }
        return ended;
    }

    private static List<Map.Entry<String, String>> lines(HttpRequest request) {
        List<Map.Entry<String, String>> lines = new ArrayList<>();
        request.headers().iteratorAsString()
                .forEachRemaining(line -> lines.add(Map.entry(line.getKey(), line.getValue())));
        return lines;
    }

    private static List<Map.Entry<String, String>> lines(PlainHead head) {
        List<Map.Entry<String, String>> lines = new ArrayList<>();
        for (int line = 0; line < head.lines; line++) {
            lines.add(Map.entry(head.name(line), head.value(line)));
        }
        return lines;
    }

    private static ByteBuf latin(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }
}
