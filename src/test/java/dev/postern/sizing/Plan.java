package dev.postern.sizing;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many gates and how much Redis a load needs.
 *
 * @param gates  how many are needed, and one more that may fail
 * @param demand what these gates ask of Redis
 */
record Plan(Deployment load, int gates, Demand demand) {
    /** Processor time that a gate spends on a read of a credential and on a check of a device, in microseconds. */
    private static final double READ_AT_GATE_MICROS = 5;
    private static final double CHECK_AT_GATE_MICROS = 10;
    private static final int FEWEST_GATES = 2;
    /** The part of its only thread that a Redis should be busy. */
    private static final double BUSY = 0.5;
    /** The data that a Redis should have: it copies memory while it saves them, and a new replica loads all of them. */
    private static final double BYTES_OF_PRIMARY = 32e9;
    private static final double MICROS = 1e-6;
    /** How long counts are kept, in years and in records a year. */
    private static final double KEEP_YEARS = 400 / 365.0;
    private static final double KEEP_MONTHS_YEARS = 5;
    private static final double DAYS = 365;
    private static final double MONTHS = 12;
    private static final double ACCOUNT_BYTES = 2000;

    static Plan of(Deployment load) {
        int gates = FEWEST_GATES;
        while (true) {
            Demand demand = Demand.of(load, gates);
            double busy = MICROS * (load.calls() * load.callMicros() + demand.records().loads() * READ_AT_GATE_MICROS
                    + demand.seats().loads() * CHECK_AT_GATE_MICROS);
            int needed = Math.max(FEWEST_GATES, 1 + (int) Math.ceil(busy / (load.cores() * load.busy())));
            // More gates share fewer calls each, so their caches hit less often.
            if (needed <= gates) {
                return new Plan(load, gates, demand);
            }
            gates = needed;
        }
    }

    /** How many threads of Redis each kind of work keeps busy. */
    Map<String, Double> redisThreads() {
        Map<String, Double> threads = new LinkedHashMap<>();
        threads.put("reads of credentials", MICROS * demand.records().loads() * RedisFigures.READ_MICROS);
        threads.put("checks of devices", MICROS * demand.seats().loads() * RedisFigures.CHECK_MICROS);
        threads.put("calls with each key", MICROS * (demand.keyCounts() * RedisFigures.KEY_COUNT_MICROS
                + demand.keyBatches() * RedisFigures.KEY_BATCH_MICROS));
        threads.put("active devices", MICROS * (demand.active() * RedisFigures.ACTIVE_MICROS
                + demand.activeBatches() * RedisFigures.ACTIVE_BATCH_MICROS));
        threads.put("log of changes", logThreads());
        threads.put("changes", MICROS * (load.devicesAdded() * RedisFigures.ADDED_DEVICE_MICROS
                + load.entries() * RedisFigures.CHANGED_KEY_MICROS));
        return threads;
    }

    /** The log is in one slot, so a Cluster cannot spread it. */
    double logThreads() {
        return MICROS * (demand.log().entries() * RedisFigures.ENTRY_MICROS
                + demand.log().beats() * RedisFigures.FOLLOW_MICROS + demand.log().looks() * RedisFigures.LOOK_MICROS);
    }

    double allThreads() {
        return redisThreads().values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** How many primaries are needed; more than one is a Cluster. */
    int primaries() {
        double spread = (allThreads() - logThreads()) / BUSY;
        return (int) Math.ceil(Math.max(spread + logThreads() / BUSY, redisBytes() / BYTES_OF_PRIMARY));
    }

    /** What is full first if the calls grow. */
    String bottleneck() {
        if (allThreads() <= BUSY) {
            return redisBytes() > BYTES_OF_PRIMARY ? "memory of Redis" : "processors of the gates";
        }
        return "Redis: " + redisThreads().entrySet().stream().max(Comparator.comparingDouble(Map.Entry::getValue))
                .orElseThrow().getKey();
    }

    /** What is in Redis, in bytes. */
    Map<String, Double> redisMemory() {
        Map<String, Double> bytes = new LinkedHashMap<>();
        bytes.put("devices with seats", load.devices() * (RedisFigures.DEVICE_BYTES + RedisFigures.SEAT_BYTES));
        bytes.put("API keys", load.keys() * RedisFigures.KEY_BYTES);
        bytes.put("calls with each key, by day", load.keys() * RedisFigures.CALLS_OF_KEY_BYTES
                * Math.min(1, load.years() / KEEP_YEARS));
        bytes.put("active devices, by day and month", load.accounts() * RedisFigures.ACTIVE_DEVICES_BYTES
                * (DAYS * Math.min(load.years(), KEEP_YEARS) + MONTHS * Math.min(load.years(), KEEP_MONTHS_YEARS)));
        bytes.put("accounts with their licenses", load.accounts() * ACCOUNT_BYTES);
        return bytes;
    }

    double redisBytes() {
        return redisMemory().values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** Between clients, gates and backends, in bytes a second: each call passes in and out. */
    double callTraffic() {
        return 2 * load.calls() * load.callBytes();
    }

    /** Between the gates and Redis, in bytes a second. */
    double redisTraffic() {
        return demand.records().loads() * RedisFigures.READ_TRAFFIC
                + demand.seats().loads() * RedisFigures.CHECK_TRAFFIC
                + demand.keyCounts() * RedisFigures.KEY_COUNT_TRAFFIC
                + demand.keyBatches() * RedisFigures.KEY_BATCH_TRAFFIC
                + demand.active() * RedisFigures.ACTIVE_TRAFFIC
                + demand.activeBatches() * RedisFigures.ACTIVE_BATCH_TRAFFIC
                + demand.log().beats() * RedisFigures.FOLLOW_TRAFFIC;
    }
}
