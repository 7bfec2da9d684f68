package dev.postern.credential;

import dev.postern.account.RecordJson;
import dev.postern.store.UnreadableRecordException;
import java.util.NoSuchElementException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts credentials to JSON records and back. A record that differs at all from what this class writes is rejected.
 */
public final class CredentialCodec {
    private static final int VERSION = 1;
    private static final String MASTER_KEY = "master-key";
    private static final String API_KEY = "api-key";
    private static final String STATIC_TOKEN = "static-token";
    private static final String APPLICATION = "application";
    private static final String ACCESS_TOKEN = "access-token";
    private static final String RSA_TOKEN = "rsa-token";
    private static final String JWT_TOKEN = "jwt-token";
    private static final String SECRET_ALIAS = "secret";
    private static final JsonMapper JSON = JsonMapper.shared();

    private CredentialCodec() {}

    public static String encode(Credential.Stored credential) {
        ObjectNode json = JSON.createObjectNode();
        json.put("v", VERSION);
        json.put("account", credential.account().value());
        json.put("kind", kind(credential));
        switch (credential) {
            case MasterKey _ -> {
            }
            case ApiKey apiKey -> apiKey.write(json);
            case StaticToken token -> token.write(json);
            case Application application -> application.write(json);
            case AccessToken token -> token.write(json);
            case SecretAlias alias -> alias.write(json);
            case RsaToken token -> token.write(json);
            case JwtToken token -> token.write(json);
        }
        return JSON.writeValueAsString(json);
    }

    /** The name of a credential's kind, used in records and error messages. */
    public static String kind(Credential.Stored credential) {
        return switch (credential) {
            case MasterKey _ -> MASTER_KEY;
            case ApiKey _ -> API_KEY;
            case StaticToken _ -> STATIC_TOKEN;
            case Application _ -> APPLICATION;
            case AccessToken _ -> ACCESS_TOKEN;
            case SecretAlias _ -> SECRET_ALIAS;
            case RsaToken _ -> RSA_TOKEN;
            case JwtToken _ -> JWT_TOKEN;
        };
    }

    /**
     * @param key the Redis key of the record, for the error message
     * @throws UnreadableRecordException if the record was not written by this version
     */
    public static Credential.Stored decode(String key, String record) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(record));
            if (json.number("v") != VERSION) {
                throw new UnreadableRecordException(
                        "The record " + key + " has a version that is unknown to this gate.");
            }
            return switch (json.string("kind")) {
                case MASTER_KEY -> new MasterKey(json.requireOnly("v", "account", "kind").account());
                case API_KEY -> ApiKey.read(json);
                case STATIC_TOKEN -> StaticToken.read(json);
                case APPLICATION -> Application.read(json);
                case ACCESS_TOKEN -> AccessToken.read(json);
                case SECRET_ALIAS -> SecretAlias.read(json);
                case RSA_TOKEN -> RsaToken.read(json);
                case JWT_TOKEN -> JwtToken.read(json);
                case String unknown -> throw new UnreadableRecordException(
                        "The record " + key + " has a kind that is unknown to this gate.");
            };
        } catch (JacksonException | IllegalArgumentException | NoSuchElementException corrupt) {
            // The cause is left out because it might quote the record.
            throw new UnreadableRecordException("The record " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }
}
