package dev.postern.account;

import dev.postern.access.AccountId;
import dev.postern.store.UnreadableRecordException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stored form of an account.
 *
 * @param account     the account
 * @param masterIndex the index of its master key
 * @param deleting    whether its deletion has begun; no keys can be added to such an account
 */
public record AccountRecord(Account account, String masterIndex, boolean deleting) {
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    public static final String ALL = "postern:accounts";

    public static String key(AccountId id) {
        return "postern:{" + id + "}:account";
    }

    public AccountRecord withMasterIndex(String index) {
        return new AccountRecord(account, index, deleting);
    }

    public AccountRecord beingDeleted() {
        return new AccountRecord(account, masterIndex, true);
    }

    public String encode() {
        return JSON.writeValueAsString(JSON.createObjectNode().put("v", VERSION).put("id", account.id().value())
                .put("name", account.name()).put("created", account.created().toEpochMilli())
                .put("master", masterIndex).put("deleting", deleting));
    }

    public static AccountRecord decode(String key, String record) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(record));
            if (json.number("v") != VERSION) {
                throw new UnreadableRecordException(
                        "The record " + key + " has a version that is unknown to this gate.");
            }
            json.requireOnly("v", "id", "name", "created", "master", "deleting");
            Account account = new Account(new AccountId(json.string("id")), json.string("name"), json.time("created"));
            return new AccountRecord(account, json.string("master"), json.flag("deleting"));
        } catch (JacksonException | IllegalArgumentException corrupt) {
            throw new UnreadableRecordException("The record " + key + " cannot be read ("
                    + corrupt.getClass().getSimpleName() + ").");
        }
    }
}
