package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.express.BodyComparison.Compared;
import dev.postern.express.BodyComparison.Outcome;
import dev.postern.express.BodyComparison.Stricter;
import dev.postern.support.Thoroughness;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The lane finds the data and the end of a body where the codec of the chain finds them, wherever the bytes are cut. It may
 * refuse what the codec accepts; {@link BodyComparison.Stricter} names each such case. It never accepts what the codec refuses.
 */
class RequestBodyTest {
    private static final int BODIES = Thoroughness.pick(60_000, 600_000);
    private static final long SEED = Long.getLong("seed", 20_260_712);
    private static final String[] INSERTS = {"\r", "\n", "\r\n", " ", "\t", "\u0000", ";", ":", "0", "g", "-", "+",
            "0x",
            "\r\n\r\n", "\n\n", "\u0080", "\u000b", ";a=\"b\"", "X: y\r\n", "\r\n "};

    private static final String[] EXTENSIONS = {";a;b=c;d=\"e\"", ";a=", "; a = b", ";a=\"b", ";a=\"\\\"\" ;b", "\t;a",
            " ",
            ";a=b c", ";=b", ";;", ";a=b\"c", ";a/b", ";a=\"\u00e4\"", ";\u00e4", ";a=\"b\"c", ";a=\"b\\", ";a\u0001"};

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
            Compared compared = BodyComparison.compareChunked(bytes, random, what);
            if (compared.stricter() != null) {
                stricter.merge(compared.stricter(), 1, Integer::sum);
            }
            accepted += compared.lane().refused() == null ? 1 : 0;
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
            Outcome lane = BodyComparison.onTheLane(bytes, random, line);
            assertThat(lane.refused()).isNull();
            assertThat(lane.end()).isEqualTo(bytes.length >= length ? length : -1);
            Outcome codec = BodyComparison.byTheCodec(bytes, random, line + "\r\n\r\n", lane.end());
            assertThat(codec.end()).as("seed " + (SEED + i)).isEqualTo(lane.end());
            assertThat(codec.data()).as("seed " + (SEED + i)).isEqualTo(lane.data());
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
