package dev.postern.express;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.postern.express.PlainForm.Found;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The lane and the codec agree on all inputs with which the fuzzers start. {@link FuzzingTest} searches for more. */
class FuzzSeedsTest {
    private static final List<byte[]> HEADS = FuzzSeeds.read("heads");
    private static final List<byte[]> BODIES = FuzzSeeds.read("bodies");

    @Test
    void theCodecReadsTheHeadsInTheSameWay() {
        HEADS.forEach(head -> passes(head, HeadFuzzTarget::fuzzerTestOneInput));
        assertThat(HEADS.stream().map(head -> PlainFormTest.recognize(new PlainHead(), head)))
                .contains(Found.values());
    }

    @Test
    void theCodecReadsTheBodiesInTheSameWay() {
        BODIES.forEach(body -> passes(body, BodyFuzzTarget::fuzzerTestOneInput));
        assertThat(BODIES).isNotEmpty();
    }

    @Test
    void aLineOfTheFileCanHoldEveryByte() {
        byte[] all = new byte[512];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        assertThat(FuzzSeeds.parse(FuzzSeeds.line(all))).isEqualTo(all);
        assertThat(FuzzSeeds.line(new byte[]{'#', 'a', '#'})).isEqualTo("\\x23a#");
    }

    private static void passes(byte[] seed, Consumer<byte[]> target) {
        assertThatCode(() -> target.accept(seed)).as(FuzzSeeds.line(seed)).doesNotThrowAnyException();
    }
}
