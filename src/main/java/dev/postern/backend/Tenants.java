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
final class Tenants {
    private final Map<AccountId, Tenant> tenants = new HashMap<>();
    /** Accounts with waiting calls, in the order of their turns. */
    private final Deque<Tenant> turns = new ArrayDeque<>();

    /** An account. */
    static final class Tenant {
        private final AccountId account;
        private final Map<CredentialId, Member> members = new HashMap<>();
        private final Deque<Member> turns = new ArrayDeque<>();
        int held;
        int waiting;

        Tenant(AccountId account) {
            this.account = account;
        }
    }

    /** A credential of an account. */
    static final class Member {
        private final Tenant tenant;
        private final CredentialId credential;
        private final Deque<Waiter> queue = new ArrayDeque<>();
        int held;

        Member(Tenant tenant, CredentialId credential) {
            this.tenant = tenant;
            this.credential = credential;
        }

        Tenant tenant() {
            return tenant;
        }

        boolean isWaiting() {
            return !queue.isEmpty();
        }

        int waiting() {
            return queue.size();
        }
    }

    Member member(AccountId account, CredentialId credential) {
        Tenant tenant = tenants.computeIfAbsent(account, Tenant::new);
        return tenant.members.computeIfAbsent(credential, key -> new Member(tenant, key));
    }

    void forgetIfUnused(Member member) {
        Tenant tenant = member.tenant;
        if (member.held == 0 && member.queue.isEmpty()) {
            tenant.members.remove(member.credential);
            if (tenant.members.isEmpty()) {
                tenants.remove(tenant.account);
            }
        }
    }

    void enqueue(Member member, Waiter waiter) {
        Tenant tenant = member.tenant;
        if (member.queue.isEmpty()) {
            tenant.turns.add(member);
        }
        if (tenant.waiting == 0) {
            turns.add(tenant);
        }
        member.queue.add(waiter);
        tenant.waiting++;
    }

    /** @return whether the waiter was found */
    boolean remove(Member member, Waiter waiter) {
        boolean removed = member.queue.remove(waiter);
        if (removed) {
            left(member);
        }
        return removed;
    }

    private void left(Member member) {
        Tenant tenant = member.tenant;
        tenant.waiting--;
        if (member.queue.isEmpty()) {
            tenant.turns.remove(member);
        }
        if (tenant.waiting == 0) {
            turns.remove(tenant);
        }
    }

    /** Removes the next call in turn whose credential may have a slot; null if there is none. */
    @Nullable Waiter next(Predicate<Member> mayHave) {
        for (Tenant tenant : turns) {
            for (Member member : tenant.turns) {
                if (mayHave.test(member)) {
                    return takeTurn(member);
                }
            }
        }
        return null;
    }

    private Waiter takeTurn(Member member) {
        Tenant tenant = member.tenant;
        Waiter waiter = member.queue.remove();
        left(member);
        if (!member.queue.isEmpty()) {
            tenant.turns.remove(member);
            tenant.turns.add(member);
        }
        if (tenant.waiting > 0) {
            turns.remove(tenant);
            turns.add(tenant);
        }
        return waiter;
    }
}
