package dev.postern.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.postern.jose.DecryptionKey;
import dev.postern.jose.PublicKeys;
import dev.postern.jose.VerificationKey;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A bounded cache of the unsealed keys of tokens. The sealed text is the cache key, so an unsealed key is never used
 * longer than its record exists.
 */
public final class OpenKeys {
    private final SecretKeys secrets;
    private final Cache<String, DecryptionKey> decryption;
    private final Cache<String, VerificationKey> verification;

    public OpenKeys(SecretKeys secrets, int max) {
        this.secrets = secrets;
        this.decryption = Caffeine.newBuilder().maximumSize(max).executor(Runnable::run).build();
        this.verification = Caffeine.newBuilder().maximumSize(max).executor(Runnable::run).build();
    }

    /** The key, if it is already unsealed. */
    public Optional<DecryptionKey> opened(RsaToken token) {
        return Optional.ofNullable(decryption.getIfPresent(token.sealedPrivate()));
    }

    /**
     * Returns the key, unsealing it if necessary. That takes a fraction of a millisecond: do not call on an event loop.
     */
    public DecryptionKey open(RsaToken token) {
        return decryption.get(token.sealedPrivate(), sealed -> {
            try {
                return DecryptionKey.decode(secrets.open(sealed, privateContext(token.keyId())));
            } catch (IllegalArgumentException corrupt) {
                throw new UnreadableRecordException(
                        "The sealed secret " + privateContext(token.keyId()) + " cannot be read.");
            }
        });
    }

    public VerificationKey open(JwtToken token) {
        return open(token, token.key());
    }

    /** @param key the key of the token, or one that it had before */
    public VerificationKey open(JwtToken token, JwtToken.Key key) {
        return switch (key) {
            case JwtToken.Key.Secret(var sealed) -> verification.get(sealed, _ -> VerificationKey.ofSecret(
                    secrets.open(sealed, secretContext(token.secretId())).getBytes(StandardCharsets.UTF_8)));
            case JwtToken.Key.Public(var jwk) -> verification.get(jwk, _ -> {
                try {
                    return VerificationKey.ofPublic(PublicKeys.read(jwk), PublicKeys.REGISTERED);
                } catch (IllegalArgumentException unusable) {
                    // The key is corrupt, or has a weakness and was registered before the gate checked for it.
                    throw new UnreadableRecordException("The public key of the JWT token " + token.secretId()
                            + " cannot be used: " + unusable.getMessage() + ".");
                }
            });
        };
    }

    public static String privateContext(String keyId) {
        return "rsa-private:" + keyId;
    }

    public static String secretContext(String secretId) {
        return "jwt-secret:" + secretId;
    }
}
