package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * An access token of an application. It permits what the application may do at the time of the call, limited to the
 * token's own scope.
 *
 * @param application index of the application
 * @param terminal    the only device that the token is for; empty if it is for the whole application
 * @param scope       the granted scope; empty for everything that the application may do
 * @param issued      when it was issued
 * @param expires     when it expires
 * @param revoked     whether it was revoked; the record of a revoked token is kept until the token expires, so that
 *                    denials can say why
 * @param secret      when the application's secret that the client presented for this token was made; empty if it
 *                    presented none
 */
public record AccessToken(AccountId account, String application, Optional<DeviceId> terminal, Optional<String> scope,
        Instant issued, Instant expires, boolean revoked, Optional<Instant> secret) implements Credential.Stored {
    /** A token that was issued without a secret, such as that of a terminal. */
    public AccessToken(AccountId account, String application, Optional<DeviceId> terminal, Optional<String> scope,
            Instant issued, Instant expires, boolean revoked) {
        this(account, application, terminal, scope, issued, expires, revoked, Optional.empty());
    }

    public AccessToken asRevoked() {
        return new AccessToken(account, application, terminal, scope, issued, expires, true, secret);
    }

    void write(ObjectNode json) {
        json.put("application", application);
        terminal.ifPresent(device -> json.put("terminal", device.value()));
        scope.ifPresent(text -> json.put("scope", text));
        json.put("issued", issued.toEpochMilli()).put("expires", expires.toEpochMilli()).put("revoked", revoked);
        secret.ifPresent(created -> json.put("secret", created.toEpochMilli()));
    }

    static AccessToken read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "application", "terminal", "scope", "issued", "expires", "revoked",
                "secret");
        return new AccessToken(json.account(), json.string("application"),
                json.optionalString("terminal").map(DeviceId::new), json.optionalString("scope"), json.time("issued"),
                json.time("expires"), json.flag("revoked"), json.optionalTime("secret"));
    }
}
