package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.issuance.NamedCredentials;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * One kind of credential that the operator manages by name. {@link CredentialEndpoint} serves the routes that all kinds
 * share; a kind defines the members of its bodies and handles them.
 *
 * @param <L> a credential of this kind in a list
 */
interface CredentialKind<L> {
    /**
     * The last segment of the path, such as {@code jwt-tokens}. The JSON member of a list has the same name with
     * underscores.
     */
    String plural();

    /** The members that the body of a create request may have, besides those of {@link LimitsInput}. */
    String[] membersOfCreate();

    /** The members that the body of a replace request may have, besides those of {@link LimitsInput}. */
    String[] membersOfReplace();

    /** Creates a credential. The JSON has its {@code id}, and its secret if that cannot be shown again. */
    Mono<ObjectNode> create(AccountId account, JsonInput input);

    /** Lists, finds and deletes the credentials of this kind. */
    NamedCredentials<L> credentials();

    /** Reads a credential with all members that may be shown. Fails if the account has no credential with this ID. */
    default Mono<ObjectNode> find(AccountId account, String id) {
        return credentials().require(account, id).map(this::json);
    }

    /** Fails if the account has no credential with this ID. */
    Mono<ObjectNode> replace(AccountId account, String id, JsonInput input);

    ObjectNode json(L listed);

    /** Adds the routes that only this kind has. */
    default AccountRoutes add(AccountRoutes routes) {
        return routes;
    }
}
