package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token of an application, which may do what the application may at the time of the call, and no more than it says itself.
 *
 * @param application index of the application
 * @param terminal    the one device that it speaks for; empty for a token of the application as a whole
 * @param scope       the scope that it was granted; empty for everything that the application may do
 * @param issued      when it was issued
 * @param expires     when it ends
 * @param revoked     whether it was revoked; such a record is kept until the token's end, to tell what became of it
 */
public record AccessToken(AccountId account, String application, Optional<DeviceId> terminal, Optional<String> scope,
        Instant issued, Instant expires, boolean revoked) implements Credential.Stored {
    public AccessToken asRevoked() {
        return new AccessToken(account, application, terminal, scope, issued, expires, true);
    }

    void write(ObjectNode json) {
        json.put("application", application);
        terminal.ifPresent(device -> json.put("terminal", device.value()));
        scope.ifPresent(text -> json.put("scope", text));
        json.put("issued", issued.toEpochMilli()).put("expires", expires.toEpochMilli()).put("revoked", revoked);
    }

    static AccessToken read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "application", "terminal", "scope", "issued", "expires", "revoked");
        return new AccessToken(json.account(), json.string("application"),
                json.optionalString("terminal").map(DeviceId::new), json.optionalString("scope"), json.time("issued"),
                json.time("expires"), json.flag("revoked"));
    }
}
