package dev.postern.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WrittenLatelyTest {
    @Test
    void knowsWhatItWasGivenAndNothingElse() {
        WrittenLately written = new WrittenLately(1 << 16);
        long[] marks = new SplittableRandom(7).longs(20_000).toArray();

        LongStream.of(marks).limit(10_000).forEach(written::add);

        assertThat(LongStream.of(marks).limit(10_000)).allMatch(written::contains);
        assertThat(LongStream.of(marks).skip(10_000)).noneMatch(written::contains);
    }

    @Test
    void forgetsTheOldestWhereThereIsNoRoom() {
        WrittenLately written = new WrittenLately(1);

        LongStream.rangeClosed(1, 8).forEach(written::add);
        assertThat(LongStream.rangeClosed(1, 8)).allMatch(written::contains);

        written.add(9);
        written.add(9);
        assertThat(written.contains(1)).isFalse();
        assertThat(LongStream.rangeClosed(2, 9)).allMatch(written::contains);
    }

    @Test
    void takesAnEmptySlotForNoMark() {
        WrittenLately written = new WrittenLately(64);

        assertThat(written.contains(0)).isFalse();
        written.add(0);
        assertThat(written.contains(0)).isTrue();
    }
}
