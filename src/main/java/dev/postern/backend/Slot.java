package dev.postern.backend;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The right to use one connection of a backend, held by one call. */
public final class Slot {
    private final AccountId account;
    private final CredentialId credential;
    /** Null before it is granted, and after it is released. */
    private final AtomicReference<@Nullable FairSlots> owner = new AtomicReference<>();

    Slot(AccountId account, CredentialId credential) {
        this.account = account;
        this.credential = credential;
    }

    AccountId account() {
        return account;
    }

    CredentialId credential() {
        return credential;
    }

    void grantedBy(FairSlots slots) {
        owner.set(slots);
    }

    /** Releases the slot. Releasing it again has no effect. */
    public void release() {
        FairSlots from = owner.getAndSet(null);
        if (from != null) {
            from.release(this);
        }
    }

    /**
     * Exchanges this slot for one of another kind, because the call turned out to be long-lived.
     *
     * @return false if there is none; then nothing has changed
     */
    public boolean moveTo(FairSlots other) {
        FairSlots from = owner.get();
        if (from == null || !other.takeFor(this)) {
            return false;
        }
        boolean moved = owner.compareAndSet(from, other);
        (moved ? from : other).release(this);
        return moved;
    }
}
