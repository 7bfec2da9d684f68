package dev.postern.authentication;

import dev.postern.access.DenyReason;
import dev.postern.access.OldSecret;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.access.Rule;
import dev.postern.account.RecordRef;
import dev.postern.account.StoredRecord;
import dev.postern.credential.AccessToken;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Application;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.JwtToken;
import dev.postern.credential.MasterKey;
import dev.postern.credential.Rotatable;
import dev.postern.credential.Rotation;
import dev.postern.credential.RsaToken;
import dev.postern.credential.Scopes;
import dev.postern.credential.SecretAlias;
import dev.postern.credential.StaticToken;
import dev.postern.jose.RefusedTokenException;
import dev.postern.store.Patience;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Verifies credentials that are looked up by their own keyed hash: keys, static tokens and access tokens. */
final class OpaqueVerifier {
    private final CredentialRecords credentials;
    private final Clock clock;

    OpaqueVerifier(CredentialRecords credentials, Clock clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    String index(String secret) {
        return credentials.index(secret);
    }

    /** Whether the cache knows that there is no credential with this index. */
    static boolean isUnknownNow(String index, RecordSource records, Patience patience) {
        StoredRecord known = records.getIfUsable(RecordRef.key(CredentialRecords.key(index)), records.nanoTime(),
                patience);
        return known != null && known.text().isEmpty();
    }

    Mono<Verification> verify(String index, VerificationRecords records) {
        return records.credential(index).switchIfEmpty(Mono.error(OpaqueVerifier::unknown))
                .flatMap(credential -> switch (credential) {
                    case MasterKey key -> Mono.just(permitted(key, index));
                    case Rotatable<?> found -> verify(found, index, index, records);
                    case SecretAlias alias -> records.credential(alias.home())
                            .filter(found -> found.account().equals(alias.account()))
                            .switchIfEmpty(Mono.error(OpaqueVerifier::replaced))
                            .flatMap(found -> found instanceof Rotatable<?> rotatable
                                    ? verify(rotatable, alias.home(), index, records)
                                    : Mono.error(unknown()));
                    case AccessToken token -> verify(token, index, records);
                    // No opaque text has one of these indexes: they are keyed hashes for other purposes.
                    case Application _,RsaToken _,JwtToken _ -> Mono.error(unknown());
                });
    }

    /**
     * @param home      the index of the record
     * @param presented the index of the secret that was presented
     */
    private Mono<Verification> verify(Rotatable<?> credential, String home, String presented,
            VerificationRecords records) {
        Instant now = clock.instant();
        Authenticator.requireUsable(credential, now);
        Rotation secrets = credential.secrets(home);
        boolean old = !secrets.isCurrent(presented);
        if (old && !secrets.isOld(presented, now)) {
            return Mono.error(replaced());
        }
        Optional<OldSecret> oldSecret = credential.oldSecret().filter(_ -> old);
        Mono<Permissions> permissions = switch (credential) {
            case ApiKey key -> Mono.just(key.permissions());
            case StaticToken token -> records.permissions(token.account(), token.rules());
        };
        return permissions.map(permitted -> new Verification(
                Principal.listed(credential.account(), CredentialRecords.idOf(home), permitted, credential.limits())
                        .on(oldSecret),
                credential, oldSecret.map(OldSecret::until).orElse(Instant.MAX)));
    }

    private static RefusedTokenException replaced() {
        return new RefusedTokenException(DenyReason.CREDENTIAL_REVOKED, "The secret of the credential was replaced.");
    }

    private Mono<Verification> verify(AccessToken token, String index, VerificationRecords records) {
        if (token.revoked()) {
            return Mono
                    .error(new RefusedTokenException(DenyReason.CREDENTIAL_REVOKED, "The access token was revoked."));
        }
        if (!clock.instant().isBefore(token.expires())) {
            return Mono.error(new RefusedTokenException(DenyReason.TOKEN_EXPIRED,
                    "The access token expired at " + token.expires() + "."));
        }
        return records.credential(token.application()).ofType(Application.class)
                .filter(application -> application.account().equals(token.account()))
                .switchIfEmpty(Mono.error(() -> new RefusedTokenException(DenyReason.CREDENTIAL_REVOKED,
                        "The application of the access token was deleted.")))
                .flatMap(application -> {
                    Authenticator.requireUsable(application, clock.instant());
                    return records.permissions(application.account(), rules(application, token))
                            .map(permissions -> new Verification(
                                    principal(application, token.application(), index,
                                            token.terminal().map(permissions::limitedTo).orElse(permissions))
                                            .on(application.oldSecret().filter(_ -> isOld(token, application))),
                                    token, token.expires()));
                });
    }

    /** @param presented the index of the application's access token; {@code home} if there is no token */
    private static Principal principal(Application application, String home, String presented,
            Permissions permissions) {
        return new Principal(application.account(), CredentialRecords.idOf(presented), permissions,
                application.limits(), Optional.of(CredentialRecords.idOf(home)), Optional.empty(), Optional.empty());
    }

    static Verification permitted(MasterKey key, String index) {
        return new Verification(new Principal(key.account(), CredentialRecords.idOf(index), key.permissions()), key);
    }

    /** What a credential with this index may do when it is presented with its current secret. */
    Mono<Verification> permitted(Rotatable<?> credential, String home, VerificationRecords records) {
        return verify(credential, home, credential.secrets(home).secret(), records);
    }

    /** What a token of this application may do if it is limited neither to a scope nor to a terminal. */
    static Mono<Verification> permitted(Application application, String home, VerificationRecords records) {
        return records.permissions(application.account(), application.rules())
                .map(permissions -> new Verification(principal(application, home, home, permissions), application));
    }

    /** Whether a token was issued for the secret that was replaced. */
    private static boolean isOld(AccessToken token, Application application) {
        return token.secret().isPresent()
                && token.secret().equals(application.previous().map(previous -> previous.secret().created()));
    }

    private static List<Rule> rules(Application application, AccessToken token) {
        return token.scope().map(scope -> Scopes.of(List.of(scope.split(" ", -1))).narrow(application.rules()))
                .orElse(application.rules());
    }

    static RefusedTokenException unknown() {
        return new RefusedTokenException(DenyReason.CREDENTIAL_UNKNOWN, DenyReason.CREDENTIAL_UNKNOWN.text());
    }
}
