package dev.postern.decision;

import dev.postern.access.AccountId;
import dev.postern.access.CredentialId;
import dev.postern.access.Limits;
import dev.postern.access.Principal;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.ReadRecord;
import dev.postern.authentication.Rehearsal;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import java.util.Optional;

/**
 * The credential of a call, as far as it was recognized, whether it is valid or not.
 *
 * @param kind    its kind, as in records; for a token of an issuer, with the name of the issuer
 * @param id      the ID of the credential itself; empty for a token that a client made, if it is refused
 * @param listed  the ID of the credential as the account's lists show it: itself, or the one that it comes from
 * @param name    the name of the listed credential
 * @param enabled whether the listed credential is enabled
 * @param limits  when and from where it can be used
 * @param user    the user that a JWT was signed for
 */
public record Subject(String kind, AccountId account, Optional<CredentialId> id, Optional<CredentialId> listed,
        Optional<String> name, Optional<Boolean> enabled, Optional<Limits> limits, Optional<String> user) {
    static Optional<Subject> of(Rehearsal.Result who) {
        Optional<ReadRecord> record = who.listed();
        Optional<Credential.Managed> managed = record.flatMap(ReadRecord::credential)
                .map(Credential.Managed.class::cast);
        Optional<CredentialId> listed = record.flatMap(ReadRecord::index).map(CredentialRecords::idOf);
        if (who.authentication() instanceof Authentication.Verified verified) {
            Principal principal = verified.principal();
            return Optional.of(new Subject(Findings.kind(verified.credential()), principal.account(),
                    Optional.of(principal.credential()), listed, managed.map(Credential.Managed::name),
                    managed.map(Credential.Managed::enabled), Optional.of(principal.limits()), principal.user()));
        }
        return who.found().map(found -> new Subject(Findings.kind(found), found.account(),
                found instanceof Credential.Managed ? listed : Optional.empty(), listed,
                managed.map(Credential.Managed::name), managed.map(Credential.Managed::enabled),
                managed.map(Credential.Managed::limits), Optional.empty()));
    }
}
