package dev.postern.upgrade;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts answers by phase, and keeps the first wrong ones for the report. */
final class Tally {
    private static final int SHOWN = 50;

    private final List<Phase> phases = new ArrayList<>();
    private final List<String> samples = new ArrayList<>();
    private final AtomicLong oldest = new AtomicLong();
    private volatile Phase current = new Phase("start");

    /** What is counted. */
    enum Count {
        ALLOWED("allowed"),
        REFUSED("refused"),
        EXPRESS("on the express lane"),
        CHANGES("changes"),
        WRONG_ALLOW("wrong allow"),
        WRONG_DENY("wrong deny"),
        FAILED("5xx, broken, failed change"),
        SEATS("more seats than licensed");

        private final String title;

        Count(String title) {
            this.title = title;
        }

        /** Whether it must be 0. */
        boolean isWrong() {
            return compareTo(WRONG_ALLOW) >= 0;
        }
    }

    private record Phase(String name, Map<Count, LongAdder> counts) {
        Phase(String name) {
            this(name, new EnumMap<>(Count.class));
            for (Count count : Count.values()) {
                counts.put(count, new LongAdder());
            }
        }

        long of(Count count) {
            return counts.get(count).sum();
        }
    }

    synchronized void begin(String phase) {
        current = new Phase(phase);
        phases.add(current);
    }

    void count(Count count) {
        current.counts().get(count).increment();
    }

    /** @param what describes the answer; must not contain a credential */
    void wrong(Count count, String what) {
        count(count);
        synchronized (this) {
            if (samples.size() < SHOWN) {
                samples.add(count.title + " (" + current.name() + "): " + what);
                System.out.println(samples.getLast());
            }
        }
    }

    /** An answer was still as before a change. */
    void outdated(long nanos) {
        oldest.accumulateAndGet(nanos, Math::max);
    }

    long total(Count count) {
        return phases.stream().mapToLong(phase -> phase.of(count)).sum();
    }

    /** Whether every phase had calls, and nothing was wrong. */
    boolean isClean() {
        for (Phase phase : phases) {
            if (phase.of(Count.ALLOWED) == 0 || phase.of(Count.REFUSED) == 0 || phase.of(Count.CHANGES) == 0) {
                return false;
            }
            for (Count count : Count.values()) {
                if (count.isWrong() && phase.of(count) > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A table in Markdown. */
    synchronized String table() {
        StringBuilder table = new StringBuilder("| gates |");
        StringBuilder line = new StringBuilder("\n| --- |");
        for (Count count : Count.values()) {
            table.append(' ').append(count.title).append(" |");
            line.append(" --- |");
        }
        table.append(line);
        for (Phase phase : phases) {
            table.append("\n| ").append(phase.name()).append(" |");
            for (Count count : Count.values()) {
                table.append(String.format(Locale.ROOT, " %,d |", phase.of(count)));
            }
        }
        return table.append(String.format(Locale.ROOT, "%n%nThe oldest answer was %.0f ms behind a change.",
                oldest.get() / 1e6)).toString();
    }
}
