package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import java.util.Optional;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * One kind of credential that the operator manages by name. {@link CredentialEndpoint} serves the routes that all kinds share;
 * a kind says which members its bodies have, and what becomes of them.
 *
 * @param <L> a credential of this kind, as lists show it
 */
interface CredentialKind<L> {
    /** The last segment of the path, such as {@code jwt-tokens}. Lists spell it with underscores. */
    String plural();

    /** Members that the body of a create may have. */
    String[] membersOfCreate();

    /** Members that the body of a replace may have. */
    String[] membersOfReplace();

    /** Makes one. The JSON has its {@code id}, and its secret where that is shown only now. */
    Mono<ObjectNode> create(AccountId account, JsonInput input);

    /** @param name what the names are to be like; empty for all */
    Mono<Page<L>> list(AccountId account, Optional<String> name, Page.Request page);

    /** An error when the account has none of this id. */
    Mono<ObjectNode> find(AccountId account, String id);

    /** An error when the account has none of this id. */
    Mono<ObjectNode> replace(AccountId account, String id, JsonInput input);

    /** An error when the account has none of this id. */
    Mono<Void> delete(AccountId account, String id);

    ObjectNode json(L listed);

    /** Adds the routes that only this kind has. */
    default AccountRoutes add(AccountRoutes routes) {
        return routes;
    }
}
