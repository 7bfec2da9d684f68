package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.protocol.RedisCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Classifies the errors of Redis and of its client. */
final class RedisErrors {
    private static final int MAX_DEPTH = 20;
    private static final Pattern UNREADABLE = Pattern.compile("UNREADABLE (\\S+)");

    private RedisErrors() {}

    /** Whether the key holds a different type from the one the command needs. */
    static boolean isOfAnotherType(Throwable failure) {
        // Not every Redis puts this word at the beginning of a script's error.
        return failure instanceof RedisCommandExecutionException refused
                && String.valueOf(refused.getMessage()).contains("WRONGTYPE");
    }

    /** Whether a script met a record that this gate cannot read ({@code records.lua}), or one of another type. */
    static boolean isUnreadable(Throwable failure) {
        return isOfAnotherType(failure) || unreadableKey(failure).isPresent();
    }

    /** The key of the record that a script cannot read. */
    private static Optional<String> unreadableKey(Throwable failure) {
        if (!(failure instanceof RedisCommandExecutionException)) {
            return Optional.empty();
        }
        Matcher key = UNREADABLE.matcher(String.valueOf(failure.getMessage()));
        return key.find() ? Optional.of(key.group(1)) : Optional.empty();
    }

    static UnreadableRecordException unreadable(RedisFuture<?> reply, Throwable failure) {
        Optional<String> named = unreadableKey(failure);
        if (named.isPresent()) {
            return new UnreadableRecordException(
                    "A record in " + named.get() + " has a version that is unknown to this gate.", failure);
        }
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
