package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.audit.Actor;
import dev.postern.operator.Identity;
import dev.postern.operator.Role;
import java.util.Optional;
import org.springframework.web.server.ServerWebExchange;

/**
 * Who makes a call to the management API.
 *
 * @param role    what the caller may do
 * @param account the only account that the caller may see; empty for all
 */
public record Caller(Actor actor, Role role, Optional<AccountId> account) {
    private static final String ATTRIBUTE = Caller.class.getName();

    static Caller operatorToken(String source) {
        return new Caller(new Actor(Actor.Kind.OPERATOR_TOKEN, "operator token", source), Role.ADMIN,
                Optional.empty());
    }

    /** An operator who signed in. */
    public static Caller operator(String name, Role role, String source) {
        return new Caller(new Actor(Actor.Kind.OPERATOR, name, source), role, Optional.empty());
    }

    /** An operator who signed in with the identity provider. */
    public static Caller identity(Identity identity, Role role, String source) {
        return new Caller(new Actor(Actor.Kind.OIDC, identity.nameWithSubject(), source), role, Optional.empty());
    }

    /** The holder of an account's master key, who may do in this account what an editor may do. */
    public static Caller holder(AccountId account, String source) {
        return new Caller(new Actor(Actor.Kind.MASTER_KEY, account.value(), source), Role.EDITOR,
                Optional.of(account));
    }

    void attachTo(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** The ID of the only account that the caller may see; empty text for all. */
    public String accountId() {
        return account.map(AccountId::value).orElse("");
    }

    /** The caller of a call that was admitted. */
    static Caller of(ServerWebExchange exchange) {
        return exchange.getRequiredAttribute(ATTRIBUTE);
    }
}
