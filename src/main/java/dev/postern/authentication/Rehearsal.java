package dev.postern.authentication;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.SecretAlias;
import dev.postern.store.Patience;
import dev.postern.store.StoreUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * Authenticates hypothetical calls, for explanations: with the verifiers and records that a real call would use now,
 * but without leaving a trace. It remembers nothing and uses up no one-time token.
 */
public final class Rehearsal {
    private final Authenticator authenticator;

    public Rehearsal(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /** Who makes the call. */
    public sealed interface Identity {
        /** Whoever presents this. */
        record Presented(Presentation presentation) implements Identity {}

        /**
         * The credential with this index, with its current secret; for an application, an access token without a scope.
         *
         * @param user the user that a JWT is signed for; ignored for other credentials
         */
        record Known(String index, Optional<String> user) implements Identity {}
    }

    /** A record that is not saved. It is used in place of the one in the store. */
    public record Unsaved(String index, Credential.Stored credential) {}

    /**
     * The result.
     *
     * @param records the records that were read, in this order
     */
    public record Result(Authentication authentication, List<ReadRecord> records) {
        public Result {
            records = List.copyOf(records);
        }

        /** The credential that was recognized, even if it is refused; empty if there is none. */
        public Optional<Credential.Stored> found() {
            return records.stream().map(ReadRecord::credential).flatMap(Optional::stream)
                    .filter(credential -> !(credential instanceof SecretAlias)).findFirst();
        }

        /**
         * The record of the credential that was presented, or of the listed credential that it was issued from; empty
         * if there is none.
         */
        public Optional<ReadRecord> listed() {
            return records.stream()
                    .filter(record -> record.credential().filter(Credential.Managed.class::isInstance).isPresent())
                    .findFirst();
        }
    }

    /**
     * Authenticates. An outage of the store is a refusal, as for a call.
     *
     * @param unsaved records to use in place of those in the store
     */
    public Mono<Result> authenticate(Identity identity, List<Unsaved> unsaved, Patience patience) {
        return Mono.defer(() -> {
            ObservedRecords observed = new ObservedRecords(authenticator.records(), records(unsaved));
            return authenticate(identity, new VerificationRecords(observed, patience))
                    .onErrorResume(StoreUnavailableException.class, _ -> Mono.just(new Authentication.Refused(
                            new AccessDecision.Denied(DenyReason.STORE_UNAVAILABLE))))
                    .map(authentication -> new Result(authentication, observed.read()));
        });
    }

    private Mono<Authentication> authenticate(Identity identity, VerificationRecords read) {
        return switch (identity) {
            case Identity.Known(var index, var user) -> authenticator.assume(index, user, read);
            case Identity.Presented(Presentation.Refused(var denied)) ->
                Mono.just(new Authentication.Refused(denied));
            case Identity.Presented(Presentation.Presented(var presented)) ->
                authenticator.rehearse(presented, read);
        };
    }

    private static Map<RecordRef, StoredRecord> records(List<Unsaved> unsaved) {
        return unsaved.stream().collect(Collectors.toMap(
                one -> RecordRef.key(CredentialRecords.key(one.index())),
                one -> StoredRecord.of(CredentialCodec.encode(one.credential()))));
    }
}
