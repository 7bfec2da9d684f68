package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.protocol.RedisCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the errors of Redis and of its client mean. */
final class RedisErrors {
    private static final int MAX_DEPTH = 20;

    private RedisErrors() {}

    /** Whether a key holds another type than the command is for. */
    static boolean isOfAnotherType(Throwable failure) {
        // Within a script it is not the first word with every Redis.
        return failure instanceof RedisCommandExecutionException refused
                && String.valueOf(refused.getMessage()).contains("WRONGTYPE");
    }

    static UnreadableRecordException unreadable(RedisFuture<?> reply, Throwable failure) {
        ByteBuffer key = reply instanceof RedisCommand<?, ?, ?> command && command.getArgs() != null
                ? command.getArgs().getFirstEncodedKey()
                : null;
        return new UnreadableRecordException((key == null
                ? "A record"
                : "The record "
                        + StandardCharsets.UTF_8.decode(key) + ", or one that belongs to it,")
                + " has a type that it should not have.", failure);
    }

    /** It answers, but only that it cannot: other refusals are of one command, and say nothing of the next. */
    static boolean isAway(Throwable refusal) {
        String message = String.valueOf(refusal.getMessage());
        return message.startsWith("LOADING") || message.startsWith("MASTERDOWN") || message.startsWith("CLUSTERDOWN")
        // Whoever waits is told so when it becomes a replica.
                || message.startsWith("UNBLOCKED");
    }

    static boolean isOfReplica(Throwable failure) {
        return failure instanceof RedisCommandExecutionException
                && String.valueOf(failure.getMessage()).contains("READONLY");
    }

    static String rootMessage(Throwable failed) {
        Throwable root = failed;
        for (int depth = 0; root.getCause() != null && depth < MAX_DEPTH; depth++) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
