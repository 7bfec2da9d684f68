package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.account.RecordJson;
import dev.postern.store.SecretKeys;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A subject of an external issuer whose tokens are refused in an account. All blocked subjects of an account are stored
 * in one hash.
 *
 * @param id      also identifies the subject's tokens to backends
 * @param issuer  the issuer's name in the settings
 * @param subject the {@code sub} of its tokens
 */
public record BlockedSubject(String id, String issuer, String subject, Instant created) {
    /** The name under which the size of all blocked subjects is recorded in the account's stored sizes. */
    public static final String ITEM = "subjects";

    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    public static BlockedSubject of(String index, String issuer, String subject, Instant created) {
        return new BlockedSubject(CredentialRecords.idOf(index).value(), issuer, subject, created);
    }

    /** The hash of an account. */
    public static String key(AccountId account) {
        return "postern:{" + account + "}:blocked-subjects";
    }

    /** The field of a subject in the hash. */
    public static String index(SecretKeys secrets, String issuer, String subject) {
        return secrets.index("issued", issuer + "\n" + subject);
    }

    public String encode() {
        return JSON.writeValueAsString(JSON.createObjectNode().put("v", VERSION).put("issuer", issuer)
                .put("subject", subject).put("created", created.toEpochMilli()));
    }

    public static BlockedSubject decode(String key, String index, String text) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(text)).requireOnly("v", "issuer", "subject", "created");
            if (json.number("v") != VERSION) {
                throw new IllegalArgumentException("unknown version");
            }
            return of(index, json.string("issuer"), json.string("subject"), json.time("created"));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("A record in " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }
}
