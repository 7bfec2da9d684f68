package dev.postern.sizing;

/**
 * What a {@code NearCache} of a gate asks of Redis, by formula.
 *
 * <p>Calls arrive at random. An entry lives between 80 % and 100 % of the time to live. Its first use after
 * three quarters of its life reads it again in the background, and a change of its subject ends it. So the time between
 * two reads of an entry has two parts: until it must be read again (after three quarters of its life, or a change), and
 * from then until the next call. That call waits for Redis if the entry has changed or expired by then.
 *
 * <p>A full cache keeps the items that are called most. Caffeine comes close to that.
 *
 * @param timeToLive in seconds
 * @param capacity   how many entries fit
 */
record CacheModel(double timeToLive, double capacity) {
    private static final double SHORTEST_LIFE = 0.8;
    private static final double REFRESH_AFTER = 0.75;
    private static final int STEPS = 8;

    /**
     * What happens in a second.
     *
     * @param calls   lookups for calls
     * @param loads   reads from Redis
     * @param waiting calls that wait for such a read; the other reads are made in the background
     */
    record Rate(double calls, double loads, double waiting) {
        static final Rate NONE = new Rate(0, 0, 0);

        Rate plus(Rate other, double times) {
            return new Rate(calls + times * other.calls, loads + times * other.loads, waiting + times * other.waiting);
        }

        /** The part of the calls that do not wait for Redis. */
        double hitRate() {
            return calls == 0 ? 1 : 1 - waiting / calls;
        }
    }

    /**
     * One entry.
     *
     * @param calls   calls that need it, in a second
     * @param changes changes of its subject, in a second
     */
    Rate entry(double calls, double changes) {
        if (calls == 0) {
            return Rate.NONE;
        }
        double cycle = 0;
        double refreshed = 0;
        for (int step = 0; step < STEPS; step++) {
            double life = timeToLive * (SHORTEST_LIFE + (1 - SHORTEST_LIFE) * (step + 0.5) / STEPS);
            double fresh = life * REFRESH_AFTER;
            cycle += (changes == 0 ? fresh : -Math.expm1(-changes * fresh) / changes) + 1 / calls;
            // Nothing changed while it was fresh, and then a call came before a change and before the expiry.
            refreshed += Math.exp(-changes * fresh) * calls / (calls + changes)
                    * -Math.expm1(-(calls + changes) * (life - fresh));
        }
        double loads = STEPS / cycle;
        return new Rate(calls, loads, loads * (1 - refreshed / STEPS));
    }

    /**
     * All entries.
     *
     * @param calls   calls in a second
     * @param changes changes of each entry in a second
     */
    Rate all(Popularity popularity, double calls, double changes) {
        Rate rate = Rate.NONE;
        double room = capacity;
        for (Popularity.Group group : popularity.groups()) {
            double cached = Math.min((double) group.items(), room);
            room -= cached;
            double each = calls * group.probability();
            rate = rate.plus(entry(each, changes), cached)
                    .plus(new Rate(each, each, each), group.items() - cached);
        }
        return rate;
    }
}
