package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.AccountRecord;
import dev.postern.issuance.Accounts;
import dev.postern.management.contract.Operation;
import dev.postern.store.Replication;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Builds the routes for a resource of accounts. A call is made only if its account exists, and receives the account's
 * ID.
 */
final class AccountRoutes {
    private final Accounts accounts;
    private final String path;
    private final Routes routes = new Routes();

    /** @param plural the path segment after the account */
    AccountRoutes(Accounts accounts, String plural) {
        this.accounts = accounts;
        this.path = AccountPath.ONE + "/" + plural;
    }

    /** Handles one call. */
    interface Call {
        Mono<ServerResponse> answer(AccountId account, ServerRequest request);
    }

    /** @param operation its path is relative to that of the resource */
    AccountRoutes on(Operation operation, Call call) {
        routes.on(operation.under(path), forAccount(call));
        return this;
    }

    RouterFunction<ServerResponse> build() {
        return routes.build();
    }

    private HandlerFunction<ServerResponse> forAccount(Call call) {
        return request -> {
            AccountId id = AccountPath.read(request);
            return accounts.find(id).switchIfEmpty(AccountPath.notFound(id))
                    // Everything that a call changes, except records of credentials, is in the hash slot of the
                    // account.
                    .flatMap(_ -> Replication.note(AccountRecord.key(id)).then(call.answer(id, request)));
        };
    }
}
