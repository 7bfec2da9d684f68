package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.account.RecordJson;
import tools.jackson.databind.node.ObjectNode;

/**
 * Leads from a later secret of a credential to its record. It permits nothing by itself: the record must name the
 * secret.
 *
 * @param home the index of the record
 */
public record SecretAlias(AccountId account, String home) implements Credential.Stored {
    void write(ObjectNode json) {
        json.put("home", home);
    }

    static SecretAlias read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "home");
        return new SecretAlias(json.account(), json.string("home"));
    }
}
