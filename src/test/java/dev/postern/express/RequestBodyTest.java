package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.Thoroughness;
import dev.postern.wire.BadResponseException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The lane finds the data and the end of a body where the codec of the chain finds them, wherever the bytes are cut. It may
 * refuse what the codec accepts; {@link Stricter} names each such case. It never accepts what the codec refuses.
 */
class RequestBodyTest {
    private static final int BODIES = Thoroughness.pick(60_000, 600_000);
    private static final long SEED = Long.getLong("seed", 20_260_712);
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";
    private static final String[] INSERTS = {"\r", "\n", "\r\n", " ", "\t", "\u0000", ";", ":", "0", "g", "-", "+",
            "0x",
            "\r\n\r\n", "\n\n", "\u0080", "\u000b", ";a=\"b\"", "X: y\r\n", "\r\n "};

    private static final String[] EXTENSIONS = {";a;b=c;d=\"e\"", ";a=", "; a = b", ";a=\"b", ";a=\"\\\"\" ;b", "\t;a",
            " ",
            ";a=b c", ";=b", ";;", ";a=b\"c", ";a/b", ";a=\"\u00e4\"", ";\u00e4", ";a=\"b\"c", ";a=\"b\\", ";a\u0001"};

    /** Why the lane refuses a body that the codec accepts: it cannot be sure that every server reads it so. */
    private enum Stricter {
        /** The codec also takes LF for the end of a line, and blanks or control characters before a size. */
        SIZE("the size of a chunk is not a hexadecimal number"),
        /** The codec cuts off the size at the first character that is not part of it. */
        DIGITS("the size of a chunk has too many digits"),
        /** The codec does not look at the two bytes after the data of a chunk in all cases. */
        LENGTH("a chunk does not have the length that its size states"),
        /** The codec takes more bytes for the end of an extension. */
        EXTENSION("the extension of a chunk is malformed"),
        /** The codec takes most characters in a trailer. */
        TEXT("a line of a chunked body contains a control character"),
        /** The codec also takes folded and nameless trailer lines. */
        TRAILER("a trailer line does not start with a name and a colon");

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
    private record Outcome(byte[] data, int end, @Nullable String refused) {}

    @Test
    void readsChunkedBodiesLikeTheCodec() {
        Map<Stricter, Integer> stricter = new EnumMap<>(Stricter.class);
        int accepted = 0;
        for (int i = 0; i < BODIES; i++) {
            Random random = new Random(SEED + i);
            byte[] bytes = chunked(random);
            if (i % 2 == 1) {
                bytes = mutate(bytes, random);
            }
            String what = "seed " + (SEED + i) + ": " + PlainFormTest.text(bytes);
            Outcome lane = onTheLane(bytes, random, "Transfer-Encoding: chunked");
            Outcome codec = byTheCodec(bytes, random, "Transfer-Encoding: chunked\r\n\r\n", lane.end());
            if (lane.refused() != null) {
                if (codec.refused() == null) {
                    stricter.merge(Stricter.of(lane.refused()), 1, Integer::sum);
                }
                continue;
            }
            accepted++;
            assertThat(codec.refused()).as(what).isNull();
            assertThat(codec.end()).as(what).isEqualTo(lane.end());
            assertThat(codec.data()).as(what).isEqualTo(lane.data());
        }
        assertThat(accepted).as("accepted, and stricter than the codec: " + stricter).isGreaterThan(BODIES / 2);
    }

    @Test
    void readsFixedBodiesLikeTheCodec() {
        for (int i = 0; i < BODIES / 10; i++) {
            Random random = new Random(SEED + i);
            int length = 1 + random.nextInt(3_000);
            byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(length + 1) : length + random.nextInt(50)];
            random.nextBytes(bytes);
            String line = "Content-Length: " + length;
            Outcome lane = onTheLane(bytes, random, line);
            assertThat(lane.refused()).isNull();
            assertThat(lane.end()).isEqualTo(bytes.length >= length ? length : -1);
            Outcome codec = byTheCodec(bytes, random, line + "\r\n\r\n", lane.end());
            assertThat(codec.end()).as("seed " + (SEED + i)).isEqualTo(lane.end());
            assertThat(codec.data()).as("seed " + (SEED + i)).isEqualTo(lane.data());
        }
    }

    private static Outcome onTheLane(byte[] bytes, Random random, String line) {
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

    /** @param end where the lane has found the end: another request is put there, and must be read as such */
    private static Outcome byTheCodec(byte[] bytes, Random random, String lines, int end) {
        EmbeddedChannel codec = new EmbeddedChannel(new HttpRequestDecoder(new HttpDecoderConfig()));
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
                for (HttpObject part = codec.readInbound(); part != null; part = codec.readInbound()) {
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

    private static byte[] chunked(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int chunk = random.nextInt(4); chunk > 0; chunk--) {
            byte[] data = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? 2_000 : 40)];
            random.nextBytes(data);
            String size = Integer.toHexString(data.length);
            put(out, "0".repeat(random.nextInt(8) == 0 ? random.nextInt(14) : 0)
                    + (random.nextBoolean() ? size.toUpperCase(Locale.ROOT) : size) + extension(random) + "\r\n");
            out.writeBytes(data);
            put(out, "\r\n");
        }
        put(out, "0".repeat(1 + random.nextInt(3)) + extension(random) + "\r\n");
        for (int line = random.nextInt(4) - 1; line > 0; line--) {
            put(out, "X-Trailer-" + line + ":" + " ".repeat(random.nextInt(3)) + "v".repeat(random.nextInt(3))
                    + "\r\n");
        }
        put(out, "\r\n" + "rest".repeat(random.nextInt(2)));
        return out.toByteArray();
    }

    private static String extension(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> ";a=b";
            case 1 -> " ;a=\"b;c\"";
            case 2 -> ";";
            case 3 -> EXTENSIONS[random.nextInt(EXTENSIONS.length)];
            default -> "";
        };
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int to = random.nextInt(3) == 0 ? Math.min(bytes.length, at + random.nextInt(4)) : at;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        switch (random.nextInt(3)) {
            case 0 -> out.write(random.nextInt(256));
            case 1 -> put(out, INSERTS[random.nextInt(INSERTS.length)]);
            default -> {
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }

    private static void put(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
