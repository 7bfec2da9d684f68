package dev.postern.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** Whether a connection may hold back some of the bytes that have arrived. */
class UnreadBytesTest {
    private static final byte[] RECORDS = {23, 3, 3, 0, 2, 'O', 'K', 21, 3, 3, 1, 4};
    private static final int SECOND_LENGTH = 0x104;

    private static ByteBuf withRoom(byte[] bytes, int from, int to) {
        return Unpooled.buffer(to - from + 1).writeBytes(bytes, from, to - from);
    }

    private static byte[] records() {
        byte[] all = java.util.Arrays.copyOf(RECORDS, RECORDS.length + SECOND_LENGTH);
        assertThat(all).hasSize(7 + 5 + SECOND_LENGTH);
        return all;
    }

    @Test
    void detectsAnIncompleteTlsRecordWhereverItIsCut() {
        byte[] all = records();
        for (int cut = 0; cut <= all.length; cut++) {
            UnreadBytes unread = new UnreadBytes(true);
            EmbeddedChannel channel = new EmbeddedChannel(unread);
            channel.writeInbound(withRoom(all, 0, cut));

            assertThat(unread.mayBeLeft(channel)).as("%d bytes", cut)
                    .isEqualTo(cut != 0 && cut != 7 && cut != all.length);

            channel.writeInbound(withRoom(all, cut, all.length));
            assertThat(unread.mayBeLeft(channel)).isFalse();
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void treatsAFullBufferAsPartial() {
        UnreadBytes unread = new UnreadBytes(false);
        EmbeddedChannel channel = new EmbeddedChannel(unread);

        channel.writeInbound(Unpooled.wrappedBuffer(RECORDS));
        assertThat(unread.mayBeLeft(channel)).isTrue();
        channel.writeInbound(withRoom(RECORDS, 0, 3));
        assertThat(unread.mayBeLeft(channel)).isFalse();
        channel.finishAndReleaseAll();
    }
}
