package dev.postern.issuance;

import dev.postern.credential.ApiKey;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.JwtToken;
import dev.postern.credential.KeyIds;
import dev.postern.credential.OpenKeys;
import dev.postern.credential.Rotation;
import dev.postern.credential.RsaToken;
import dev.postern.credential.StaticToken;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;

/** Checks that the sealed secrets of a credential can be opened here, before it is stored. */
final class SealedSecrets {
    private final SecretKeys secrets;
    private final KeyIds keyIds;

    SealedSecrets(SecretKeys secrets) {
        this.secrets = secrets;
        this.keyIds = new KeyIds(secrets);
    }

    /**
     * Checks all secrets of a credential.
     *
     * @param index the index under which the credential is stored
     * @throws UnreadableRecordException if a secret cannot be opened, or belongs to another index
     */
    void requireOurs(Credential.Managed credential, String index) {
        switch (credential) {
            case ApiKey key -> {
                open(key.sealedKey(), ApiKeys.sealContext(key.secrets(index).secret()));
                key.rotation().flatMap(Rotation::old).ifPresent(old -> old.sealed()
                        .ifPresent(sealed -> open(sealed, ApiKeys.sealContext(old.secret()))));
            }
            case StaticToken _ -> {
                // It has only indexes.
            }
            case Application application -> open(application.sealedKey(), Applications.keyContext(index));
            case RsaToken token -> {
                requireIndex(token.keyId(), index);
                open(token.sealedKey(), RsaTokens.keyContext(token.keyId()));
                open(token.sealedPrivate(), OpenKeys.privateContext(token.keyId()));
            }
            case JwtToken token -> {
                requireIndex(token.secretId(), index);
                if (token.key() instanceof JwtToken.Key.Secret(var sealed)) {
                    open(sealed, OpenKeys.secretContext(token.secretId()));
                }
                token.old().ifPresent(old -> open(old.sealed(), OpenKeys.secretContext(token.secretId())));
            }
        }
    }

    private void open(String sealed, String context) {
        var _ = secrets.open(sealed, context);
    }

    private void requireIndex(String keyId, String index) {
        if (keyIds.index(keyId).filter(index::equals).isEmpty()) {
            throw new UnreadableRecordException(
                    "The key ID " + keyId + " was not made with the secret keys of this gate.");
        }
    }
}
