package dev.postern.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RecentMarksTest {
    @Test
    void containsExactlyTheAddedMarks() {
        RecentMarks recent = new RecentMarks(1 << 16);
        long[] marks = new SplittableRandom(7).longs(20_000).toArray();

        LongStream.of(marks).limit(10_000).forEach(recent::add);

        assertThat(LongStream.of(marks).limit(10_000)).allMatch(recent::contains);
        assertThat(LongStream.of(marks).skip(10_000)).noneMatch(recent::contains);
    }

    @Test
    void forgetsTheOldestIfThereIsNoRoom() {
        RecentMarks recent = new RecentMarks(1);

        LongStream.rangeClosed(1, 8).forEach(recent::add);
        assertThat(LongStream.rangeClosed(1, 8)).allMatch(recent::contains);

        recent.add(9);
        recent.add(9);
        assertThat(recent.contains(1)).isFalse();
        assertThat(LongStream.rangeClosed(2, 9)).allMatch(recent::contains);
    }

    @Test
    void doesNotMistakeAnEmptySlotForAMark() {
        RecentMarks recent = new RecentMarks(64);

        assertThat(recent.contains(0)).isFalse();
        recent.add(0);
        assertThat(recent.contains(0)).isTrue();
    }
}
