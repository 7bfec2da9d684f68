package dev.postern.decision;

import dev.postern.access.AccessRequest;
import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import dev.postern.access.DenyReason;
import dev.postern.access.Principal;
import dev.postern.access.Streams;
import dev.postern.inbound.ClientAddresses;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Keeps the recent decisions of this gate, if the operator wants it, to replay them under changed rules. The
 * accounts share the places equally, so a busy account cannot push out the decisions of others; a new account makes
 * all shares smaller. {@link #note} runs on event loops: it takes no lock, and drops at most two old decisions for a
 * new one.
 */
public final class RecentDecisions {
    /** Calls that name more devices and streams are not kept, so that the memory is bounded. */
    static final int MAX_IDS = 32;
    private static final int DROPPED_AT_ONCE = 2;
    private static final int ATTEMPTS = 3;
    private static final long SWEEP_EVERY_MILLIS = Duration.ofMinutes(1).toMillis();

    private final boolean enabled;
    private final int size;
    private final long keepMillis;
    private final ClientAddresses addresses;
    private final Clock clock;
    private final ConcurrentHashMap<AccountId, Share> shares = new ConcurrentHashMap<>();
    /** The number of shares. Kept separately, so that the limit can be checked and reserved atomically. */
    private final AtomicInteger accounts = new AtomicInteger();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final LongAdder skipped = new LongAdder();
    private volatile int quota;
    private volatile long nextSweep;

    public RecentDecisions(RecentDecisionsSettings settings, ClientAddresses addresses, Clock clock) {
        this.enabled = settings.enabled();
        this.size = settings.size();
        this.quota = size;
        this.keepMillis = settings.keepFor().toMillis();
        this.addresses = addresses;
        this.clock = clock;
    }

    /** The decisions of one account, oldest first. */
    private static final class Share {
        /** The count of a share that takes no more. */
        private static final int CLOSED = -1;

        private final ConcurrentLinkedQueue<RecentDecision> decisions = new ConcurrentLinkedQueue<>();
        private final AtomicInteger count = new AtomicInteger();

        /** Adds a decision; false if the share is closed. */
        boolean add(RecentDecision decision, int quota) {
            if (count.getAndUpdate(present -> present == CLOSED ? CLOSED : present + 1) == CLOSED) {
                return false;
            }
            decisions.add(decision);
            for (int i = 0; i < DROPPED_AT_ONCE && count.get() > quota; i++) {
                drop();
            }
            return true;
        }

        void drop() {
            if (decisions.poll() != null) {
                count.decrementAndGet();
            }
        }

        /** Closes the share if it is empty. */
        boolean close() {
            return count.compareAndSet(0, CLOSED);
        }

        int size() {
            return Math.max(0, count.get());
        }
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** Notes an allowed call. */
    public void allowed(Principal principal, AccessRequest request, AccessGate.Caller caller) {
        if (enabled) {
            note(principal, request, caller, null);
        }
    }

    /**
     * Notes a refused call.
     *
     * @param principal who called; null if nobody was authenticated, and then nothing is noted
     */
    public void refused(@Nullable Principal principal, AccessRequest request, AccessGate.Caller caller,
            DenyReason reason) {
        if (enabled && principal != null) {
            note(principal, request, caller, reason);
        }
    }

    private void note(Principal principal, AccessRequest request, AccessGate.Caller caller,
            @Nullable DenyReason denied) {
        if (principal.listed().isEmpty()) {
            // The permissions of master keys, and of tokens of issuers, cannot be changed here.
            return;
        }
        long now = clock.millis();
        if (ids(request) > MAX_IDS || !add(principal.account(), new RecentDecision(now, principal.credential(),
                principal.listed().get(), principal.user(), request, addresses.of(caller.peer(), caller::header),
                denied))) {
            skipped.increment();
        }
        if (now >= nextSweep) {
            sweepSoon();
        }
    }

    private boolean add(AccountId account, RecentDecision decision) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Share present = shares.get(account);
            Share share = present == null ? newShare(account) : present;
            if (share == null) {
                return false;
            }
            if (share.add(decision, quota)) {
                if (present == null) {
                    // The other shares are smaller now, so sweep. Only now: a sweep before the decision was added
                    // could close the new, empty share.
                    sweepSoon();
                }
                return true;
            }
            // A sweep closed it because it was empty: its account had not called for a long time.
            remove(account, share);
        }
        return false;
    }

    private void remove(AccountId account, Share closed) {
        if (shares.remove(account, closed)) {
            accounts.decrementAndGet();
        }
    }

    private static int ids(AccessRequest request) {
        return request.devices().size() + switch (request.streams()) {
            case Streams.WholeDevice() -> 0;
            case Streams.Named(var named) -> named.size();
            case Streams.InBody(var besides) -> besides.size();
        };
    }

    private @Nullable Share newShare(AccountId account) {
        if (accounts.incrementAndGet() > size) {
            accounts.decrementAndGet();
            return null;
        }
        Share fresh = new Share();
        Share present = shares.putIfAbsent(account, fresh);
        if (present != null) {
            accounts.decrementAndGet();
            return present;
        }
        divide();
        return fresh;
    }

    private void divide() {
        quota = Math.max(1, size / Math.max(1, accounts.get()));
    }

    private void sweepSoon() {
        nextSweep = clock.millis() + SWEEP_EVERY_MILLIS;
        if (sweeping.compareAndSet(false, true)) {
            Schedulers.parallel().schedule(() -> {
                sweeping.set(false);
                sweep();
            });
        }
    }

    /** Drops what is too old or exceeds its share, and the shares of accounts that have nothing left. */
    void sweep() {
        long oldest = clock.millis() - keepMillis;
        shares.forEach((account, share) -> {
            RecentDecision first = share.decisions.peek();
            while (first != null && (first.at() < oldest || share.size() > quota)) {
                share.drop();
                first = share.decisions.peek();
            }
            if (share.close()) {
                remove(account, share);
            }
        });
        divide();
    }

    /** The decisions about calls with this listed credential or with tokens derived from it, oldest first. */
    List<RecentDecision> of(AccountId account, CredentialId listed) {
        Share share = shares.get(account);
        List<RecentDecision> found = new ArrayList<>();
        if (share != null) {
            long oldest = clock.millis() - keepMillis;
            for (RecentDecision decision : share.decisions) {
                if (decision.at() >= oldest && decision.listed().equals(listed)) {
                    found.add(decision);
                }
            }
        }
        return found;
    }

    /** The number of decisions that are kept. */
    public long kept() {
        long sum = 0;
        for (Share share : shares.values()) {
            sum += share.size();
        }
        return sum;
    }

    /** Decisions that were not kept, because they name too many devices and streams, or there are too many accounts. */
    public long skipped() {
        return skipped.sum();
    }
}
