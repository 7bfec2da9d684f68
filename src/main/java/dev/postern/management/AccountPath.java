package dev.postern.management;

import dev.postern.access.AccountId;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** Reads the account from the path of a request. */
final class AccountPath {
    static final String ALL = "/api/v1/accounts";
    /** The path template of one account. */
    static final String ONE = ALL + "/{account}";

    private AccountPath() {}

    static String of(AccountId account) {
        return ALL + "/" + account;
    }

    static AccountId read(ServerRequest request) {
        String text = request.pathVariable("account");
        if (!AccountId.isValid(text)) {
            throw new ProblemException(Problem.NOT_FOUND, "The account ID is not valid.");
        }
        return new AccountId(text);
    }

    static <T> Mono<T> notFound(AccountId account) {
        return Mono.error(() -> new ProblemException(Problem.NOT_FOUND, "There is no account " + account + "."));
    }
}
