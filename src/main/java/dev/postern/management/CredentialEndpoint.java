package dev.postern.management;

import dev.postern.access.AccountId;
import dev.postern.account.Page;
import dev.postern.issuance.Accounts;
import java.util.stream.Stream;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The routes that every {@link CredentialKind} has: create, list, find, replace and delete.
 *
 * @param <L> a credential in a list
 */
final class CredentialEndpoint<L> {
    private final Accounts accounts;
    private final CredentialKind<L> kind;

    CredentialEndpoint(Accounts accounts, CredentialKind<L> kind) {
        this.accounts = accounts;
        this.kind = kind;
    }

    RouterFunction<ServerResponse> routes() {
        return kind.add(new AccountRoutes(accounts, kind.plural()).post("", this::create).get("", this::list)
                .get("/{id}", this::find).put("/{id}", this::replace).delete("/{id}", this::delete)).build();
    }

    private Mono<ServerResponse> create(AccountId account, ServerRequest request) {
        return JsonInput.read(request, withLimits(kind.membersOfCreate())).flatMap(input -> kind.create(account, input))
                .flatMap(created -> Replies.created(AccountPath.of(account) + "/" + kind.plural() + "/"
                        + created.required("id").stringValue(), created));
    }

    private static String[] withLimits(String... members) {
        return Stream.concat(Stream.of(members), LimitsInput.MEMBERS.stream()).toArray(String[]::new);
    }

    private Mono<ServerResponse> list(AccountId account, ServerRequest request) {
        Page.Request page = Lists.page(request);
        return kind.credentials().list(account, Lists.name(request), page)
                .flatMap(found -> Lists.reply(kind.plural().replace('-', '_'), page, found, kind::json));
    }

    private Mono<ServerResponse> find(AccountId account, ServerRequest request) {
        return kind.find(account, request.pathVariable("id")).flatMap(Replies::ok);
    }

    private Mono<ServerResponse> replace(AccountId account, ServerRequest request) {
        return JsonInput.read(request, withLimits(kind.membersOfReplace()))
                .flatMap(input -> kind.replace(account, request.pathVariable("id"), input)).flatMap(Replies::ok);
    }

    private Mono<ServerResponse> delete(AccountId account, ServerRequest request) {
        return kind.credentials().delete(account, request.pathVariable("id")).then(Mono.defer(Replies::deleted));
    }
}
