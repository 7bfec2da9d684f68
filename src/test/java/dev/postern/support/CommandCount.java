package dev.postern.support;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the commands that gates sent to Redis for calls. */
public final class CommandCount {
    private static final Pattern STATISTIC = Pattern.compile("cmdstat_([a-z|_-]+):calls=(\\d+)");
    /** The commands that the gate sends by itself now and then, and INFO, with which this class counts. */
    private static final Set<String> BESIDES = Set.of("info", "eval", "evalsha", "pfadd", "expire", "xread", "hsetnx",
            "hmget", "ping");

    private CommandCount() {}

    /** How many commands there have been so far, without those that no call waits for. */
    public static long of(TestGate gate) {
        long count = 0;
        Matcher statistics = statistics(gate);
        while (statistics.find()) {
            count += BESIDES.contains(statistics.group(1)) ? 0 : Long.parseLong(statistics.group(2));
        }
        return count;
    }

    /** How often this command has run so far, including runs in scripts. */
    public static long of(TestGate gate, String command) {
        Matcher statistics = statistics(gate);
        while (statistics.find()) {
            if (statistics.group(1).equals(command)) {
                return Long.parseLong(statistics.group(2));
            }
        }
        return 0;
    }

    private static Matcher statistics(TestGate gate) {
        return STATISTIC
                .matcher(gate.redis().run(commands -> commands.info("commandstats")).blockOptional().orElseThrow());
    }
}
