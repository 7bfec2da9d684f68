package dev.postern.backend;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A limited number of slots that accounts share fairly. No account can take them all, unless {@code accountShare} is 1,
 * or there are fewer than eight slots: the more slots an account holds, the more must be free for it to get another, so
 * that some remain for accounts that hold none. The same applies to the credentials within an account. A call that gets
 * no slot waits in a bounded queue, whose places are shared in the same way. When slots become free, waiting accounts
 * take turns.
 *
 * <p> This is the dynamic threshold that switches use to share a buffer between ports (Choudhury and Hahne, 1998): with
 * a share of 90 %, a single account may hold 90 % of the slots, two accounts 47 % each, four 24 % each.
 */
public final class FairSlots {
    private final Bounds bounds;
    private final Threshold slots;
    private final Threshold places;
    private final AccountShares shares = new AccountShares();
    private final LongAdder refused;
    private int held;
    private int waiting;

    /**
     * The limits.
     *
     * @param slots           number of slots, each held by one call
     * @param maxWaiting      number of calls that may wait for a slot
     * @param patience        longest wait
     * @param accountShare    largest part of the slots for one account, more than 0, up to 1
     * @param credentialShare largest part of the slots for one credential, more than 0, up to 1
     */
    public record Bounds(int slots, int maxWaiting, Duration patience, double accountShare, double credentialShare) {}

    FairSlots(Bounds bounds) {
        this(bounds, new LongAdder());
    }

    /** @param refused counts the calls that were refused because too many waited, or because they waited too long */
    FairSlots(Bounds bounds, LongAdder refused) {
        this.bounds = bounds;
        this.refused = refused;
        this.slots = new Threshold(bounds.slots(), bounds.accountShare(), bounds.credentialShare());
        this.places = new Threshold(bounds.maxWaiting(), bounds.accountShare(), bounds.credentialShare());
    }

    /** Takes a slot if this caller can have one now; returns null otherwise. */
    public @Nullable Slot takeNow(AccountId account, CredentialId credential) {
        Slot slot = new Slot(account, credential);
        if (!takeFor(slot)) {
            return null;
        }
        slot.grantedBy(this);
        return slot;
    }

    synchronized boolean takeFor(Slot slot) {
        AccountShares.CredentialShare share = shares.of(slot.account(), slot.credential());
        boolean free = !share.isWaiting() && slots.allows(held, share.accountShare().held, share.held);
        if (free) {
            hold(share);
        } else {
            shares.forgetIfUnused(share);
        }
        return free;
    }

    /**
     * Waits for a slot for this caller, who must release it.
     *
     * @return the slot; {@link BackendBusyException} if none becomes available in time, or too many calls are waiting
     */
    public Mono<Slot> take(AccountId account, CredentialId credential) {
        return Mono.defer(() -> {
            Slot slot = takeNow(account, credential);
            return slot == null ? await(account, credential) : Mono.just(slot);
        });
    }

    private Mono<Slot> await(AccountId account, CredentialId credential) {
        return Mono.create(sink -> {
            Waiter waiter = new Waiter(new Slot(account, credential), sink);
            if (!enqueue(waiter)) {
                refuse(waiter, "too many calls are waiting for the backend");
                return;
            }
            Disposable limit = Schedulers.parallel().schedule(() -> expire(waiter), bounds.patience().toMillis(),
                    TimeUnit.MILLISECONDS);
            sink.onDispose(limit);
            sink.onCancel(() -> leave(waiter));
            // If a slot became free before this call was queued, nobody else would wake it.
            grantWhatIsFree();
        });
    }

    private void refuse(Waiter waiter, String problem) {
        refused.increment();
        waiter.fail(new BackendBusyException(problem));
    }

    private void expire(Waiter waiter) {
        if (withdraw(waiter)) {
            refuse(waiter, "no connection to the backend became free in time");
        }
    }

    /** Removes a waiter whose caller is gone. */
    private void leave(Waiter waiter) {
        if (!withdraw(waiter)) {
            // If it has just received the slot, nobody else would release it.
            waiter.slot().release();
        }
    }

    /** @return false if it no longer waits: it was refused, or has a slot that is already counted as taken */
    private synchronized boolean withdraw(Waiter waiter) {
        boolean waited = waiter.end();
        if (waited) {
            remove(waiter);
        }
        return waited;
    }

    private synchronized boolean enqueue(Waiter waiter) {
        AccountShares.CredentialShare share = shares.of(waiter.slot().account(), waiter.slot().credential());
        if (!places.allows(waiting, share.accountShare().waiting, share.waiting())) {
            shares.forgetIfUnused(share);
            return false;
        }
        shares.enqueue(share, waiter);
        waiting++;
        return true;
    }

    private void remove(Waiter waiter) {
        AccountShares.CredentialShare share = shares.of(waiter.slot().account(), waiter.slot().credential());
        if (shares.remove(share, waiter)) {
            waiting--;
        }
        shares.forgetIfUnused(share);
    }

    void release(Slot slot) {
        List<Waiter> next;
        synchronized (this) {
            AccountShares.CredentialShare share = shares.of(slot.account(), slot.credential());
            share.held--;
            share.accountShare().held--;
            held--;
            shares.forgetIfUnused(share);
            next = grant();
        }
        next.forEach(Waiter::succeed);
    }

    private void grantWhatIsFree() {
        List<Waiter> next;
        synchronized (this) {
            next = grant();
        }
        next.forEach(Waiter::succeed);
    }

    /** Gives the free slots to waiting calls, one to each account in turn. */
    private List<Waiter> grant() {
        if (waiting == 0) {
            return List.of();
        }
        List<Waiter> granted = new ArrayList<>();
        while (waiting > 0 && held < bounds.slots()) {
            Waiter next = shares.next(share -> slots.allows(held, share.accountShare().held, share.held));
            if (next == null) {
                break;
            }
            waiting--;
            if (next.end()) {
                next.slot().grantedBy(this);
                hold(shares.of(next.slot().account(), next.slot().credential()));
                granted.add(next);
            }
        }
        return granted;
    }

    private void hold(AccountShares.CredentialShare share) {
        share.held++;
        share.accountShare().held++;
        held++;
    }

    /** The total number of slots. */
    int size() {
        return bounds.slots();
    }

    /** Slots that are held now. */
    synchronized int held() {
        return held;
    }

    /** Calls that wait now. */
    synchronized int waiting() {
        return waiting;
    }

    /** Calls that were refused because too many waited, or because they waited too long. */
    long refused() {
        return refused.sum();
    }
}
