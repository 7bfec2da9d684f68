package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.protocol.RedisCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Classifies the errors of Redis and of its client. */
final class RedisErrors {
    private static final int MAX_DEPTH = 20;

    private RedisErrors() {}

    /** Whether the key holds a different type from the one the command needs. */
    static boolean isOfAnotherType(Throwable failure) {
        // Not every Redis puts this word at the beginning of a script's error.
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
                        + StandardCharsets.UTF_8.decode(key) + ", or a related one,")
                + " has the wrong Redis type.", failure);
    }

    /**
     * Whether Redis answers only that it cannot serve any command. Other refusals concern one command, and tell nothing
     * about the next.
     */
    static boolean isAway(Throwable refusal) {
        String message = String.valueOf(refusal.getMessage());
        return message.startsWith("LOADING") || message.startsWith("MASTERDOWN") || message.startsWith("CLUSTERDOWN")
        // The reply to a blocked command when the server becomes a replica.
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
