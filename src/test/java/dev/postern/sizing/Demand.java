package dev.postern.sizing;

/**
 * What the gates of a deployment ask of Redis, by formula; all in a second, and of all gates together.
 *
 * @param records lookups of credentials in the near cache
 * @param seats lookups of devices with seats
 * @param keyCounts keys whose calls are written to Redis
 * @param keyBatches commands that write them
 * @param keysInUse keys whose calls each gate has to count
 * @param active devices that are written as active
 * @param activeBatches commands that write them
 * @param log what following the log of changes takes
 */
record Demand(CacheModel.Rate records, CacheModel.Rate seats, double keyCounts, double keyBatches,
        double keysInUse, double active, double activeBatches, Follow log) {
    /** Different subjects share the counters of changes: {@code ChangeView}. */
    private static final double STRIPES = 1 << 16;
    /** How often gates write the calls with each key, and how many keys go into a command: {@code CredentialCalls}. */
    private static final double COUNT_EVERY = 2;
    private static final double KEYS_AT_ONCE = 200;
    /** How long a gate keeps the counter of a key that is not used, in seconds: {@code CallCounters}. */
    private static final double COUNTER_KEPT = 62;
    /** How many devices a gate knows to be written, and for how long: {@code ActiveDevices}. */
    private static final double MARKS = 1 << 20;
    private static final double HOUR = 3600;
    private static final double DEVICES_AT_ONCE = 500;

    /**
     * Following the log of changes: {@code ChangeReader}.
     *
     * @param entries changes that are logged
     * @param reads replies to XREAD
     * @param beats heartbeats: after each reply with changes, and after a second without
     * @param looks looks at the head of the log
     */
    record Follow(double entries, double reads, double beats, double looks) {
        private static final double WAIT = 0.5;
        private static final double BEAT_EVERY = 1;
        private static final double LOOK_EVERY = 0.25;

        /** @param busy how long a gate is busy with the changes of one reply, in seconds */
        static Follow of(double entries, double gates, double busy) {
            if (entries == 0) {
                return new Follow(0, gates / WAIT, gates / BEAT_EVERY, gates / WAIT);
            }
            // Changes that are logged while the gate is busy come with the next reply, at once.
            double none = Math.exp(-entries * busy);
            double cycle = busy + none * mean(entries, WAIT);
            double withChanges = (1 - none * Math.exp(-entries * WAIT)) / cycle;
            double idle = 1 / cycle - withChanges;
            // The second of two replies without changes.
            double beats = withChanges
                    + idle * Math.exp(-entries * (BEAT_EVERY - WAIT)) / (1 + Math.exp(-entries * WAIT));
            double left = WAIT - mean(entries, LOOK_EVERY);
            double looks = 1 / (LOOK_EVERY + Math.max(busy / 2, mean(entries, left)));
            return new Follow(entries, gates / cycle, gates * beats, gates * looks);
        }

        /** The mean time until the next change, or until this much time has passed. */
        private static double mean(double entries, double longest) {
            return -Math.expm1(-entries * longest) / entries;
        }
    }

    static Demand of(Deployment load, int gates) {
        Popularity keys = load.popularityOfKeys();
        Popularity devices = keys.parts(Math.max(1, load.devices() / load.keys()));
        // With sticky calls, the gates together are one large gate.
        double parts = load.sticky() ? 1 : gates;
        double together = load.sticky() ? gates : 1;
        double calls = load.calls() / parts;
        double others = load.entries() / STRIPES;
        CacheModel.Rate records = new CacheModel(load.timeToLive(), together * load.cachedRecords()).all(keys, calls,
                load.keyChanges() / load.keys() + others);
        CacheModel.Rate seats = new CacheModel(load.rememberFor(), together * load.cachedSeats()).all(devices, calls,
                load.seatChanges() / load.accounts() + others);
        double counted = keys.sum(probability -> -Math.expm1(-calls * probability * COUNT_EVERY)) / COUNT_EVERY;
        double active = active(devices, calls, together * MARKS);
        return new Demand(CacheModel.Rate.NONE.plus(records, parts), CacheModel.Rate.NONE.plus(seats, parts),
                parts * counted, gates * batches(load, parts * counted / gates, COUNT_EVERY, KEYS_AT_ONCE),
                parts / gates * keys.sum(probability -> -Math.expm1(-calls * probability * COUNTER_KEPT)),
                parts * active, gates * batches(load, parts * active / gates, 1, DEVICES_AT_ONCE),
                Follow.of(load.entries(), gates, 2 * load.roundTrip()));
    }

    /** Each device is written once an hour, or more often if a gate cannot remember all that it has written. */
    private static double active(Popularity devices, double calls, double marks) {
        double inAnHour = devices.sum(probability -> -Math.expm1(-calls * probability * HOUR));
        if (inAnHour <= marks) {
            return inAnHour / HOUR;
        }
        // The oldest is forgotten first. All that were written within this time fill the memory.
        double low = 0;
        double high = HOUR;
        for (int i = 0; i < 40; i++) {
            double time = (low + high) / 2;
            if (devices.sum(probability -> part(calls * probability, time)) > marks) {
                high = time;
            } else {
                low = time;
            }
        }
        double time = low;
        return devices.sum(probability -> calls * probability / (1 + calls * probability * time));
    }

    private static double part(double calls, double time) {
        return calls * time / (1 + calls * time);
    }

    /** Commands of one gate: at least one for each account with calls, and at most so many items in each. */
    private static double batches(Deployment load, double items, double every, double most) {
        double inOne = items * every;
        double accounts = load.accounts() * -Math.expm1(-inOne / load.accounts());
        return Math.max(accounts, inOne / most) / every;
    }
}
