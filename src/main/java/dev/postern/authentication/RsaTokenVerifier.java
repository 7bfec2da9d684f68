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

/** Verifies what clients encrypted for an RSA open token. What no decrypting can make valid is refused before it. */
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
     * @throws RefusedTokenException if the gate never made such a key, or the header is not one that it takes
     */
    String index(CompactToken.Encrypted token) {
        DecryptionKey.requireAlgorithms(token.header());
        token.header().requireType(TYPES, false);
        return token.header().keyId().flatMap(keyIds::index).orElseThrow(() -> new RefusedTokenException(
                DenyReason.TOKEN_KEY_UNKNOWN, "No key has the kid of the token."));
    }

    /** What a decrypted token says: until when it counts, and its id where it is for one use. */
    private record Content(Instant until, Optional<String> tokenId) {}

    /**
     * Verifies a token.
     *
     * @param index what {@link #index} said of it
     * @param use   told of a token for one use that has now been used; empty when the same call has used it before
     */
    Mono<Verification> verify(CompactToken.Encrypted token, String index, Facts facts, Optional<UsedUp> use) {
        return facts.credential(index).switchIfEmpty(Mono.error(() -> new RefusedTokenException(
                DenyReason.CREDENTIAL_REVOKED, "The RSA token of this kid was deleted.")))
                .flatMap(found -> {
                    RsaToken rsaToken = require(found);
                    Authenticator.requireEnabled(rsaToken);
                    // A key that is open already tells a wrong size before the token takes a place in the queue.
                    keys.opened(rsaToken).ifPresent(key -> key.requireFit(token));
                    return facts.permissions(rsaToken.account(), rsaToken.rules())
                            .flatMap(permissions -> workers.run(() -> keys.open(rsaToken).decrypt(token))
                                    .map(payload -> read(payload, rsaToken))
                                    .flatMap(content -> use.map(told -> useOnce(content, rsaToken, told))
                                            .orElseGet(Mono::empty).thenReturn(
                                                    new Verification(new Principal(rsaToken.account(),
                                                            CredentialRecords.idOf(index), permissions), rsaToken,
                                                            content.until(), content.tokenId().isPresent(),
                                                            () -> true))));
                });
    }

    private static RsaToken require(Credential.Stored found) {
        if (found instanceof RsaToken token) {
            return token;
        }
        throw new RefusedTokenException(DenyReason.TOKEN_KEY_UNKNOWN, "The kid of the token is of another kind.");
    }

    private Content read(byte[] payload, RsaToken rsaToken) {
        Claims claims = Claims.read(payload);
        byte[] key = RsaToken.indexOfKey(secrets, claims.requireString("key")).getBytes(StandardCharsets.US_ASCII);
        if (!MessageDigest.isEqual(key, rsaToken.keyIndex().getBytes(StandardCharsets.US_ASCII))) {
            // Everybody may encrypt for a public key: the key inside is what tells its owner.
            throw new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID,
                    "The key in the token is not that of the RSA token.");
        }
        claims.requireTime("iat");
        Instant until = times.check(claims, clock.instant());
        Optional<String> tokenId = claims.string("jti");
        if (tokenId.isPresent() && (tokenId.get().isEmpty() || tokenId.get().length() > MAX_TOKEN_ID)) {
            throw new RefusedTokenException(DenyReason.TOKEN_CLAIM_INVALID,
                    "The claim jti is not of 1 to " + MAX_TOKEN_ID + " characters.");
        }
        return new Content(until, tokenId);
    }

    /** Told of a token for one use that has been used. */
    interface UsedUp {
        void until(Instant end);
    }

    private Mono<Void> useOnce(Content content, RsaToken rsaToken, UsedUp use) {
        if (content.tokenId().isEmpty()) {
            return Mono.empty();
        }
        String key = "postern:used:" + secrets.index("jti", rsaToken.keyId() + " " + content.tokenId().get());
        // The clock of this gate may be ahead, and that of another behind, which takes the token for longer then.
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
