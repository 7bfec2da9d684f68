package dev.postern.usage;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the calls with one credential. Calls add to it on event loops, without locks or allocation; one worker takes
 * what was added. There is a counter for days with an even number and one for the others, so that a call after midnight
 * does not add to the day before.
 */
final class CallCounter {
    static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    /** The time of the last call is written this often, because writing it from all event loops is slow. */
    private static final long GRANULARITY_MILLIS = 500;

    private final AccountId account;
    private final CredentialId credential;
    private final LongAdder[] calls = {new LongAdder(), new LongAdder()};
    private volatile long last;
    // Used by the worker only.
    private final long[] taken = new long[2];
    private int idleRounds;

    CallCounter(AccountId account, CredentialId credential) {
        this.account = account;
        this.credential = credential;
    }

    AccountId account() {
        return account;
    }

    CredentialId credential() {
        return credential;
    }

    void add(long now) {
        calls[(int) (Math.floorDiv(now, DAY_MILLIS) & 1)].increment();
        if (now - last >= GRANULARITY_MILLIS) {
            last = now;
        }
    }

    /** Receives calls. */
    interface Taker {
        /** @param day in days since 1970, in UTC */
        void take(AccountId account, CredentialId credential, long day, long calls, long last);
    }

    /** Hands over the calls since the last time. Must be called at least once a day. */
    void take(long now, Taker taker) {
        long today = Math.floorDiv(now, DAY_MILLIS);
        boolean idle = true;
        for (int parity = 0; parity < 2; parity++) {
            long sum = calls[parity].sum();
            if (sum > taken[parity]) {
                taker.take(account, credential, (today & 1) == parity ? today : today - 1, sum - taken[parity], last);
                taken[parity] = sum;
                idle = false;
            }
        }
        idleRounds = idle ? idleRounds + 1 : 0;
    }

    /** How many times in a row there was nothing to take. */
    int idleRounds() {
        return idleRounds;
    }
}
