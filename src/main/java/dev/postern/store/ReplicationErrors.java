package dev.postern.store;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Distinguishes why waiting for replicas failed. Redis tells the reason only in the text of its errors, and scripts
 * wrap that in a sentence.
 */
final class ReplicationErrors {
    /** Redis cannot do it now, or another server has to. */
    private static final Pattern AWAY = Pattern.compile("\\b(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN"
            + "|NOREPLICAS|MISCONF|UNBLOCKED|BUSY)\\b|WAIT cannot be used");
    private static final Pattern MOVED = Pattern.compile("MOVED (\\d+) (\\S+):(\\d+)");

    private ReplicationErrors() {}

    /** A slot has moved to another node. */
    record Move(int slot, ReplicationNodes.Address to) {}

    static Optional<Move> move(Throwable failure) {
        Matcher elsewhere = MOVED.matcher(String.valueOf(failure.getMessage()));
        return elsewhere.find()
                ? Optional.of(new Move(Integer.parseInt(elsewhere.group(1)),
                        new ReplicationNodes.Address(elsewhere.group(2), Integer.parseInt(elsewhere.group(3)))))
                : Optional.empty();
    }

    /** Whether Redis answers but refuses this, for example because its user lacks the permission. */
    static boolean isRefused(Throwable failure) {
        return failure instanceof RedisCommandExecutionException
                && !AWAY.matcher(String.valueOf(failure.getMessage())).find();
    }
}
