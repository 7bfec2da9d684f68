package dev.postern.authentication;

import dev.postern.access.DenyReason;
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
     * @throws RefusedTokenException if the gate never issued this key id, or does not accept the header
     */
    String index(CompactToken.Encrypted token) {
        DecryptionKey.requireAlgorithms(token.header());
        token.header().requireType(TYPES, false);
        return token.header().keyId().flatMap(keyIds::index).orElseThrow(() -> new RefusedTokenException(
                DenyReason.TOKEN_KEY_UNKNOWN, "No key has this kid."));
    }

    /** The content of a decrypted token: when it expires, and its id if it is a one-time token. */
    private record Content(Instant until, Optional<String> tokenId) {}

    /**
     * Verifies a token.
     *
     * @param index the result of {@link #index}
     * @param use   notified when a one-time token has been used; empty if the same call has already used it
     */
    Mono<Verification> verify(CompactToken.Encrypted token, String index, VerificationRecords records,
            Optional<UsedUp> use) {
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
                                    .flatMap(content -> use.map(notice -> useOnce(content, rsaToken, notice))
                                            .orElseGet(Mono::empty).thenReturn(
                                                    new Verification(Principal.listed(rsaToken.account(),
                                                            CredentialRecords.idOf(index), permissions,
                                                            rsaToken.limits()),
                                                            rsaToken,
                                                            content.until(), content.tokenId().isPresent(),
                                                            () -> true))));
                });
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

    /** Notified when a one-time token has been used. */
    interface UsedUp {
        void until(Instant end);
    }

    private Mono<Void> useOnce(Content content, RsaToken rsaToken, UsedUp use) {
        if (content.tokenId().isEmpty()) {
            return Mono.empty();
        }
        String key = "postern:used:" + secrets.index("jti", rsaToken.keyId() + " " + content.tokenId().get());
        // The clock of this gate may be ahead and that of another gate behind, which then accepts the token for longer.
        Duration left = Duration.between(clock.instant(), content.until()).plus(times.clockSkew().multipliedBy(2))
                .plusSeconds(1);
        return redis.run(commands -> commands.set(key, "1",
                SetArgs.Builder.nx().px(Math.max(1, left.toMillis())))).hasElement().flatMap(first -> {
                    use.until(content.until());
                    return first
                            ? Mono.<Void>empty()
                            : Mono.<Void>error(new RefusedTokenException(DenyReason.TOKEN_REPLAYED,
                                    "A token with the same jti was used before."));
                });
    }
}
