package dev.postern.express;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class WaitingBytesTest {
    private static final int ARRIVING = 1000;
    private static final int ROUNDS = 10_000;

    private final WaitingBytes waiting = new WaitingBytes();

    private ByteBuf arrive() {
        waiting.add(UnpooledByteBufAllocator.DEFAULT.buffer().writeZero(ARRIVING), UnpooledByteBufAllocator.DEFAULT);
        return requireNonNull(waiting.peek());
    }

    @Test
    void doesNotGrowWhileSomethingAlwaysWaits() {
        for (int round = 0; round < ROUNDS; round++) {
            ByteBuf all = arrive();
            all.skipBytes(all.readableBytes() - 1);
            assertThat(all.capacity()).isLessThan(20 * ARRIVING);
        }
        waiting.release();
    }

    @Test
    void leavesBytesInPlaceThatSomebodyElseUses() {
        ByteBuf used = arrive().setByte(0, 'x').readRetainedSlice(ARRIVING - 1);
        for (int round = 0; round < 100; round++) {
            ByteBuf all = arrive();
            all.skipBytes(all.readableBytes() - 1);
        }

        assertThat(used.getByte(0)).isEqualTo((byte) 'x');
        used.release();
        waiting.release();
    }
}
