package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ChangeRefusedException.Why;
import dev.postern.credential.Application;
import dev.postern.credential.CredentialRecords;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the authcodes of an account's applications as they are stored, and restores them. */
public final class RestoredAuthcodes {
    private final RestoredCredentials<Application> applications;
    private final Authcodes authcodes;
    private final Terminals terminals;

    public RestoredAuthcodes(RestoredCredentials<Application> applications, RestoredCredentials.Store store,
            Terminals terminals) {
        this.applications = applications;
        this.authcodes = new Authcodes(store.redis(), store.lists().stored(), store.secrets(), store.clock());
        this.terminals = terminals;
    }

    /**
     * An authcode as it is stored.
     *
     * @param application the index of its application
     * @param index       its keyed hash
     * @param sealed      the authcode itself, sealed
     * @param terminals   how many terminals it admits
     * @param until       when it expires; empty for never
     */
    public record Stored(String application, String index, String sealed, int terminals, Optional<Instant> until) {
        public String id() {
            return CredentialRecords.idOf(index).value();
        }

        public String applicationId() {
            return CredentialRecords.idOf(application).value();
        }
    }

    /** All authcodes of an account: application by application, and for each ordered by index. */
    public Flux<Stored> all(AccountId account) {
        return applications.all(account).concatMap(application -> authcodes.stored(account, application.index()), 1);
    }

    public Mono<Stored> find(AccountId account, String application, String index) {
        return authcodes.stored(account, application, index);
    }

    public Mono<Long> count(AccountId account, String application) {
        return authcodes.count(account, application);
    }

    /** The maximum number of authcodes of an application. */
    public int max() {
        return Terminals.MAX_AUTHCODES;
    }

    /** @throws dev.postern.store.UnreadableRecordException if it cannot be opened here */
    public void requireOurs(Stored wanted) {
        authcodes.requireOurs(wanted);
    }

    /** Adds an authcode, or replaces it. Refused if the account has no such application for hardware. */
    public Mono<Void> restore(AccountId account, Stored wanted) {
        return requireApplication(account, wanted).then(authcodes.restore(account, wanted));
    }

    /** Refuses an application that does not exist, or has no authcodes. */
    public Mono<Void> requireApplication(AccountId account, Stored wanted) {
        return applications.find(account, wanted.application())
                .filter(found -> found.credential().platform() == Application.Platform.HARDWARE)
                .switchIfEmpty(Mono.error(() -> new ChangeRefusedException(Why.NOT_FOUND,
                        "The account has no application " + wanted.applicationId() + " for hardware.")))
                .then();
    }

    /** Deletes authcodes of an application, and revokes the tokens of the terminals that they admitted. */
    public Mono<Void> delete(AccountId account, String application, List<String> indexes) {
        return Flux.fromIterable(indexes)
                .concatMap(index -> terminals.deleteAuthcode(account, application, index)).then();
    }
}
