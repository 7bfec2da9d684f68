package dev.postern.authentication;

import dev.postern.access.DenyReason;
import dev.postern.access.DeviceGroup;
import dev.postern.access.OldSecret;
import dev.postern.access.Principal;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.JwtToken;
import dev.postern.credential.KeyIds;
import dev.postern.credential.OpenKeys;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.RefusedTokenException;
import dev.postern.jose.TokenTimes;
import dev.postern.jose.VerificationKey;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Verifies tokens that clients signed with the key of a registered JWT token. */
final class JwtTokenVerifier {
    private static final Set<String> TYPES = Set.of("jwt");

    private final KeyIds keyIds;
    private final OpenKeys keys;
    private final CryptoWorkers workers;
    private final TokenTimes times;
    private final String audience;
    private final Clock clock;

    JwtTokenVerifier(SecretKeys secrets, OpenKeys keys, CryptoWorkers workers, TokenTimes times, String audience,
            Clock clock) {
        this.keyIds = new KeyIds(secrets);
        this.keys = keys;
        this.workers = workers;
        this.times = times;
        this.audience = audience;
        this.clock = clock;
    }

    /**
     * The index of the JWT token that a client's token names.
     *
     * @throws RefusedTokenException if the gate never issued this key ID, or does not accept the header
     */
    String index(CompactToken.Signed token) {
        token.header().requireType(TYPES, false);
        return token.header().keyId().flatMap(keyIds::index).orElseThrow(() -> new RefusedTokenException(
                DenyReason.TOKEN_KEY_UNKNOWN, "No key has this kid."));
    }

    /**
     * Verifies a token.
     *
     * @param index the result of {@link #index}
     */
    Mono<Verification> verify(CompactToken.Signed token, Claims claims, String index, VerificationRecords records) {
        return records.credential(index).switchIfEmpty(Mono.error(() -> new RefusedTokenException(
                DenyReason.CREDENTIAL_REVOKED, "The JWT token of this kid was deleted.")))
                .flatMap(found -> {
                    JwtToken jwtToken = require(found);
                    Authenticator.requireUsable(jwtToken, clock.instant());
                    return Mono.defer(() -> verify(keys.open(jwtToken), token, workers))
                            .thenReturn(Optional.<OldSecret>empty())
                            .onErrorResume(RefusedTokenException.class,
                                    refused -> verifyWithOld(jwtToken, token, refused).map(Optional::of))
                            .flatMap(old -> permitted(claims, jwtToken, index, records, old));
                });
    }

    /** The old secret, if the token was signed with that, and it is still valid. Otherwise the refusal. */
    private Mono<OldSecret> verifyWithOld(JwtToken jwtToken, CompactToken.Signed token,
            RefusedTokenException refused) {
        Optional<OldSecret> old = jwtToken.oldSecret().filter(secret -> secret.isValid(clock.instant()));
        if (refused.reason() != DenyReason.TOKEN_SIGNATURE_INVALID || old.isEmpty()) {
            return Mono.error(refused);
        }
        VerificationKey key = keys.open(jwtToken, new JwtToken.Key.Secret(jwtToken.old().orElseThrow().sealed()));
        return verify(key, token, workers).thenReturn(old.get());
    }

    private static JwtToken require(Credential.Stored found) {
        if (found instanceof JwtToken token) {
            return token;
        }
        throw new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN, "The kid belongs to another kind of credential.");
    }

    /** Verifies a signature. Slow algorithms run on another thread. */
    static Mono<Void> verify(VerificationKey key, CompactToken.Signed token, CryptoWorkers workers) {
        key.requireAlgorithm(token.header());
        if (!key.isCostly()) {
            key.verify(token);
            return Mono.empty();
        }
        return workers.run(() -> {
            key.verify(token);
            return token;
        }).then();
    }

    private Mono<Verification> permitted(Claims claims, JwtToken jwtToken, String index, VerificationRecords records,
            Optional<OldSecret> old) {
        Instant expires = times.check(claims, clock.instant());
        Instant until = old.map(OldSecret::until).filter(expires::isAfter).orElse(expires);
        requireAudience(claims, List.of(audience), false);
        return permitted(claims.requireString("sub"), jwtToken, index, records, old, until);
    }

    /** What a token that is signed for this user may do. */
    Mono<Verification> permitted(String user, JwtToken jwtToken, String index, VerificationRecords records,
            Optional<OldSecret> old, Instant until) {
        if (!DeviceGroup.isValid(user) || !jwtToken.users().contains(user)) {
            return Mono.error(new RefusedTokenException(DenyReason.USER_NOT_PERMITTED,
                    "The sub is not one of the users of the JWT token."));
        }
        return records.permissions(jwtToken.account(), jwtToken.rules(user)).map(permissions -> new Verification(
                Principal.listed(jwtToken.account(), CredentialRecords.idOf(index), permissions, jwtToken.limits())
                        .on(old).forUser(user),
                jwtToken,
                until));
    }

    /**
     * Checks {@code aud} against the accepted audiences.
     *
     * @param required whether the claim is required
     * @throws RefusedTokenException if the token is for another audience
     */
    static void requireAudience(Claims claims, List<String> accepted, boolean required) {
        boolean present = claims.has("aud");
        if (present ? claims.strings("aud").orElseThrow().stream().noneMatch(accepted::contains) : required) {
            throw new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID, "The claim aud has no accepted audience.");
        }
    }
}
