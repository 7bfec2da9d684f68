package dev.postern.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.outage.Fact.Value;
import org.junit.jupiter.api.Test;

/** A {@link Fact} is right about what may be true. Other tests judge the gates by it. */
class FactTest {
    private static final int HERE = 0;
    private static final int THERE = 1;

    private final Fact fact = new Fact(Value.YES);

    @Test
    void isKnownImmediatelyAtItsGateAndLaterElsewhere() {
        fact.is(Value.EITHER, HERE);
        long during = System.nanoTime();
        fact.is(Value.NO, HERE);
        long after = System.nanoTime();
        long behind = after - during + 1;

        assertThat(fact.mayBe(Value.YES, HERE, after, after, behind)).isFalse();
        assertThat(fact.mayBe(Value.YES, THERE, after, after, behind)).isTrue();
        assertThat(fact.mayBe(Value.YES, THERE, after + behind, after + behind, behind)).isFalse();
        assertThat(fact.mayBe(Value.NO, THERE, after + behind, after + behind, behind)).isTrue();
        assertThat(fact.mayBe(Value.NO, HERE, during, during, 0)).as("under way").isTrue();
        assertThat(fact.mayBe(Value.YES, HERE, during, after, 0)).as("began before it was done").isTrue();
    }

    @Test
    void isUncertainAfterAnUnconfirmedChange() {
        fact.is(Value.EITHER, HERE);
        long after = System.nanoTime() + 1_000_000_000;

        assertThat(fact.now()).isEqualTo(Value.EITHER);
        assertThat(fact.mayBe(Value.YES, THERE, after, after, 0)).isTrue();
        assertThat(fact.mayBe(Value.NO, THERE, after, after, 0)).isTrue();
    }
}
