package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.express.PlainForm.Found;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * Jazzer calls this with the bytes of a head. Fails if the codec reads a plain head in any other way than the lane, or
 * if it matters where the bytes are cut, or what was read before.
 */
public final class HeadFuzzTarget {
    private static final int CUTS = 8;
    private static final byte[] BEFORE = ("POST /before HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5"
            + "\r\nX-A: 1\r\nX-B: 2\r\n\r\n").getBytes(StandardCharsets.US_ASCII);

    private HeadFuzzTarget() {}

    /** Jazzer finds this method by its name. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        PlainHead head = new PlainHead();
        Found found = PlainFormTest.recognize(head, bytes);
        Random random = new Random(Arrays.hashCode(bytes));
        PlainHead inParts = usedBefore();
        Found foundInParts = lookAtParts(inParts, bytes, random);
        if (found == Found.ODD) {
            // If the head arrives in parts, the lane may notice later that it is odd, but must never take it for plain.
            assertThat(foundInParts).isNotEqualTo(Found.PLAIN);
            return;
        }
        assertThat(foundInParts).isEqualTo(found);
        if (found == Found.INCOMPLETE) {
            return;
        }
        assertThat(inParts.end).isEqualTo(head.end);
        assertThat(inParts.lines).isEqualTo(head.lines);
        assertThat(inParts.contentLength).isEqualTo(head.contentLength);
        assertThat(inParts.chunked).isEqualTo(head.chunked);
        assertThat(inParts.close).isEqualTo(head.close);
        isIncompleteWhereItIsCut(bytes, head.end, random);
        new HeadComparison().check(head, bytes, PlainFormTest.text(bytes));
    }

    /** A head as it is on a connection after another request. */
    private static PlainHead usedBefore() {
        PlainHead head = new PlainHead();
        assertThat(PlainFormTest.recognize(head, BEFORE)).isEqualTo(Found.PLAIN);
        head.clear();
        return head;
    }

    private static Found lookAtParts(PlainHead head, byte[] bytes, Random random) {
        Found found = Found.INCOMPLETE;
        int at = 0;
        while (at < bytes.length && found == Found.INCOMPLETE) {
            int now = Math.min(bytes.length - at, 1 + random.nextInt(1 + bytes.length / 2));
            ByteBuf part = Unpooled.wrappedBuffer(bytes, at, now);
            found = PlainForm.look(head, part);
            at += now;
        }
        return found;
    }

    private static void isIncompleteWhereItIsCut(byte[] bytes, int end, Random random) {
        PlainHead head = new PlainHead();
        head.append(Unpooled.wrappedBuffer(bytes), 0, end);
        for (int i = 0; i < CUTS; i++) {
            head.size = random.nextInt(end);
            assertThat(PlainForm.recognize(head)).as("cut after %s bytes", head.size).isEqualTo(Found.INCOMPLETE);
        }
    }
}
