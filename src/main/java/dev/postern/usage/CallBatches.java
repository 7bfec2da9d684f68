package dev.postern.usage;

import dev.postern.access.AccountId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Calls that are to be added to the counts in Redis, in batches of one account each. A batch keeps its content and its
 * number until Redis has it, so that a batch whose reply was lost is not counted twice. Bounded. For the worker only.
 */
final class CallBatches {
    private static final int BATCH = 200;

    private final int max;
    private final Map<AccountId, Map<Use, Count>> waiting = new HashMap<>();
    private final Map<AccountId, Batch> sent = new LinkedHashMap<>();
    private int size;
    private long number;

    /** @param max credentials and days that may wait, all together */
    CallBatches(int max) {
        this.max = max;
    }

    /** A credential on a day. */
    record Use(String credential, long day) {}

    /** Its calls, and the time of the last one. */
    record Count(long calls, long last) {
        Count and(Count more) {
            return new Count(calls + more.calls(), Math.max(last, more.last()));
        }
    }

    record Batch(AccountId account, long number, Map<Use, Count> counts) {}

    /** Adds calls; false if there is no room for them. */
    boolean add(AccountId account, Use use, Count count) {
        Map<Use, Count> ofAccount = waiting.get(account);
        boolean isNew = ofAccount == null || !ofAccount.containsKey(use);
        if (isNew && size >= max) {
            return false;
        }
        waiting.computeIfAbsent(account, _ -> new LinkedHashMap<>()).merge(use, count, Count::and);
        size += isNew ? 1 : 0;
        return true;
    }

    /** At most one batch for each account: those that Redis has not confirmed yet, and new ones. */
    List<Batch> toSend() {
        for (AccountId account : Set.copyOf(waiting.keySet())) {
            if (!sent.containsKey(account)) {
                sent.put(account, new Batch(account, ++number, cut(account)));
            }
        }
        return new ArrayList<>(sent.values());
    }

    private Map<Use, Count> cut(AccountId account) {
        Map<Use, Count> all = waiting.getOrDefault(account, Map.of());
        Map<Use, Count> some = new LinkedHashMap<>();
        for (Use use : List.copyOf(all.keySet())) {
            if (some.size() == BATCH) {
                return some;
            }
            some.put(use, all.remove(use));
        }
        waiting.remove(account);
        return some;
    }

    /** Redis has the batch, or will never take it. */
    void done(Batch batch) {
        if (sent.remove(batch.account(), batch)) {
            size -= batch.counts().size();
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** Whether an account has more to send than one batch. */
    boolean hasMore() {
        return !waiting.isEmpty();
    }

    void forget(AccountId account) {
        Map<Use, Count> all = waiting.remove(account);
        size -= all == null ? 0 : all.size();
        Batch batch = sent.remove(account);
        size -= batch == null ? 0 : batch.counts().size();
    }
}
