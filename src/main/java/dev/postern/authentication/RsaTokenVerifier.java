package dev.postern.authentication;

import dev.postern.access.DenyReason;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.KeyIds;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.RsaToken;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.DecryptionKey;
import dev.postern.jose.RefusedTokenException;
import dev.postern.jose.TokenTimes;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Verifies tokens that clients encrypted for an RSA open token. A token that cannot be valid is refused before the
 * expensive decryption.
 */
final class RsaTokenVerifier {
    private static final Set<String> TYPES = Set.of("jwt");
    private static final int MAX_TOKEN_ID = 128;

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final KeyIds keyIds;
    private final OpenKeys keys;
    private final CryptoWorkers workers;
    private final TokenTimes times;
    private final Clock clock;

    RsaTokenVerifier(RedisStore redis, SecretKeys secrets, OpenKeys keys, CryptoWorkers workers, TokenTimes times,
            Clock clock) {
        this.redis = redis;
        this.secrets = secrets;
        this.keyIds = new KeyIds(secrets);
        this.keys = keys;
        this.workers = workers;
        this.times = times;
        this.clock = clock;
    }

    /**
     * The index of the RSA token that a client's token names.
     *
     * @throws RefusedTokenException if the gate never issued this key ID, or does not accept the header
     */
    String index(CompactToken.Encrypted token) {
        DecryptionKey.requireAlgorithms(token.header());
        token.header().requireType(TYPES, false);
        return token.header().keyId().flatMap(keyIds::index).orElseThrow(() -> new RefusedTokenException(
                DenyReason.TOKEN_KEY_UNKNOWN, "No key has this kid."));
    }

    /** The content of a decrypted token: when it expires, and its ID if it is a one-time token. */
    private record Content(Instant until, Optional<String> tokenId) {}

    /**
     * Verifies a token.
     *
     * @param index the result of {@link #index}
     * @param use   how the token is used, if it is a one-time token
     */
    Mono<Verification> verify(CompactToken.Encrypted token, String index, VerificationRecords records, Use use) {
        return records.credential(index).switchIfEmpty(Mono.error(() -> new RefusedTokenException(
                DenyReason.CREDENTIAL_REVOKED, "The RSA token of this kid was deleted.")))
                .flatMap(found -> {
                    RsaToken rsaToken = require(found);
                    Authenticator.requireUsable(rsaToken, clock.instant());
                    // If the key is already unsealed, a token of the wrong size is refused before it takes a place in
                    // the queue.
                    keys.opened(rsaToken).ifPresent(key -> key.requireFit(token));
                    return records.permissions(rsaToken.account(), rsaToken.rules())
                            .flatMap(permissions -> workers.run(() -> keys.open(rsaToken).decrypt(token))
                                    .map(payload -> read(payload, rsaToken))
                                    .flatMap(content -> use(content, rsaToken, use).thenReturn(
                                            new Verification(principal(rsaToken, index, permissions), rsaToken,
                                                    content.until(), content.tokenId().isPresent(), () -> true))));
                });
    }

    private static Principal principal(RsaToken rsaToken, String index, Permissions permissions) {
        return Principal.listed(rsaToken.account(), CredentialRecords.idOf(index), permissions, rsaToken.limits());
    }

    /** What a client's token for this RSA token may do. */
    static Mono<Verification> permitted(RsaToken rsaToken, String index, VerificationRecords records) {
        return records.permissions(rsaToken.account(), rsaToken.rules())
                .map(permissions -> new Verification(principal(rsaToken, index, permissions), rsaToken));
    }

    private static RsaToken require(Credential.Stored found) {
        if (found instanceof RsaToken token) {
            return token;
        }
        throw new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN, "The kid belongs to another kind of credential.");
    }

    private Content read(byte[] payload, RsaToken rsaToken) {
        Claims claims = Claims.read(payload);
        byte[] key = RsaToken.indexOfKey(secrets, claims.requireString("key")).getBytes(StandardCharsets.US_ASCII);
        if (!MessageDigest.isEqual(key, rsaToken.keyIndex().getBytes(StandardCharsets.US_ASCII))) {
            // Anybody can encrypt for a public key: only the secret key inside the token proves who made it.
            throw new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID,
                    "The key in the token is not the key of the RSA token.");
        }
        claims.requireTime("iat");
        Instant until = times.check(claims, clock.instant());
        Optional<String> tokenId = claims.string("jti");
        if (tokenId.isPresent() && (tokenId.get().isEmpty() || tokenId.get().length() > MAX_TOKEN_ID)) {
            throw new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID,
                    "The claim jti must have 1 to " + MAX_TOKEN_ID + " characters.");
        }
        return new Content(until, tokenId);
    }

    /** How a one-time token is used. */
    sealed interface Use {
        /** A call uses it. */
        record First(UsedUp notice) implements Use {}

        /** The same call has already used it. */
        record Again() implements Use {}

        /** No call uses it: a valid token stays valid. */
        record None() implements Use {}
    }

    /** Notified when a one-time token has been used. */
    interface UsedUp {
        void until(Instant end);
    }

    private Mono<Void> use(Content content, RsaToken rsaToken, Use use) {
        return content.tokenId().map(id -> switch (use) {
            case Use.First(var notice) -> useOnce(content, key(rsaToken, id), notice);
            case Use.Again() -> Mono.<Void>empty();
            case Use.None() -> requireUnused(key(rsaToken, id));
        }).orElseGet(Mono::empty);
    }

    private String key(RsaToken rsaToken, String tokenId) {
        return "postern:used:" + secrets.index("jti", rsaToken.keyId() + " " + tokenId);
    }

    private Mono<Void> requireUnused(String key) {
        return redis.run(commands -> commands.get(key)).hasElement()
                .flatMap(used -> used ? Mono.error(replayed()) : Mono.empty());
    }

    private static RefusedTokenException replayed() {
        return new RefusedTokenException(DenyReason.TOKEN_REPLAYED, "A token with the same jti was used before.");
    }

    private Mono<Void> useOnce(Content content, String key, UsedUp use) {
        // The clock of this gate may be ahead and that of another gate behind, which then accepts the token for longer.
        Duration left = Duration.between(clock.instant(), content.until()).plus(times.clockSkew().multipliedBy(2))
                .plusSeconds(1);
        return redis.run(commands -> commands.set(key, "1",
                SetArgs.Builder.nx().px(Math.max(1, left.toMillis())))).hasElement().flatMap(first -> {
                    use.until(content.until());
                    return first
                            ? Mono.<Void>empty()
                            : Mono.<Void>error(replayed());
                });
    }
}
