package dev.postern.store;

import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The timeouts of commands. Commands that wait for changes or for replicas have a longer timeout than the others. */
final class CommandTimeouts extends TimeoutOptions.TimeoutSource {
    private final long millis;

    private CommandTimeouts(Duration timeout) {
        this.millis = timeout.toMillis();
    }

    static TimeoutOptions options(Duration timeout) {
        return TimeoutOptions.builder().timeoutCommands().timeoutSource(new CommandTimeouts(timeout)).build();
    }

    @Override
    public long getTimeout(RedisCommand<?, ?, ?> command) {
        if (CommandType.XREAD.equals(command.getType())) {
            return millis + ChangeFollower.WAIT.toMillis();
        }
        return CommandType.WAIT.equals(command.getType()) ? millis + Replication.LONGEST.toMillis() : millis;
    }

    @Override
    public TimeUnit getTimeUnit() {
        return TimeUnit.MILLISECONDS;
    }
}
