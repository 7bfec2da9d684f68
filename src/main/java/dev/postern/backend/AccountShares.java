package dev.postern.backend;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The accounts and credentials that hold or wait for slots. Others are removed, so that their number is limited by the
 * slots and the places in the queue. Not thread-safe.
 */
final class AccountShares {
    private final Map<AccountId, AccountShare> shares = new HashMap<>();
    /** Accounts with waiting calls, in the order of their turns. */
    private final Deque<AccountShare> turns = new ArrayDeque<>();

    /** An account. */
    static final class AccountShare {
        private final AccountId account;
        private final Map<CredentialId, CredentialShare> credentialShares = new HashMap<>();
        private final Deque<CredentialShare> turns = new ArrayDeque<>();
        int held;
        int waiting;

        AccountShare(AccountId account) {
            this.account = account;
        }
    }

    /** A credential of an account. */
    static final class CredentialShare {
        private final AccountShare accountShare;
        private final CredentialId credential;
        private final Deque<Waiter> queue = new ArrayDeque<>();
        int held;

        CredentialShare(AccountShare accountShare, CredentialId credential) {
            this.accountShare = accountShare;
            this.credential = credential;
        }

        AccountShare accountShare() {
            return accountShare;
        }

        boolean isWaiting() {
            return !queue.isEmpty();
        }

        int waiting() {
            return queue.size();
        }
    }

    CredentialShare of(AccountId account, CredentialId credential) {
        AccountShare accountShare = shares.computeIfAbsent(account, AccountShare::new);
        return accountShare.credentialShares.computeIfAbsent(credential, key -> new CredentialShare(accountShare, key));
    }

    void forgetIfUnused(CredentialShare share) {
        AccountShare accountShare = share.accountShare;
        if (share.held == 0 && share.queue.isEmpty()) {
            accountShare.credentialShares.remove(share.credential);
            if (accountShare.credentialShares.isEmpty()) {
                shares.remove(accountShare.account);
            }
        }
    }

    void enqueue(CredentialShare share, Waiter waiter) {
        AccountShare accountShare = share.accountShare;
        if (share.queue.isEmpty()) {
            accountShare.turns.add(share);
        }
        if (accountShare.waiting == 0) {
            turns.add(accountShare);
        }
        share.queue.add(waiter);
        accountShare.waiting++;
    }

    /** @return whether the waiter was found */
    boolean remove(CredentialShare share, Waiter waiter) {
        boolean removed = share.queue.remove(waiter);
        if (removed) {
            left(share);
        }
        return removed;
    }

    private void left(CredentialShare share) {
        AccountShare accountShare = share.accountShare;
        accountShare.waiting--;
        if (share.queue.isEmpty()) {
            accountShare.turns.remove(share);
        }
        if (accountShare.waiting == 0) {
            turns.remove(accountShare);
        }
    }

    /** Removes the next call in turn whose credential may have a slot; null if there is none. */
    @Nullable Waiter next(Predicate<CredentialShare> mayHave) {
        for (AccountShare accountShare : turns) {
            for (CredentialShare share : accountShare.turns) {
                if (mayHave.test(share)) {
                    return takeTurn(share);
                }
            }
        }
        return null;
    }

    private Waiter takeTurn(CredentialShare share) {
        AccountShare accountShare = share.accountShare;
        Waiter waiter = share.queue.remove();
        left(share);
        if (!share.queue.isEmpty()) {
            accountShare.turns.remove(share);
            accountShare.turns.add(share);
        }
        if (accountShare.waiting > 0) {
            turns.remove(accountShare);
            turns.add(accountShare);
        }
        return waiter;
    }
}
