package dev.postern.management;

import dev.postern.operator.Operator;
import reactor.core.publisher.Mono;

/** Checks the name and password of an operator for the console, under the same limit as the API. */
public final class SignIn {
    private final Callers callers;

    SignIn(Callers callers) {
        this.callers = callers;
    }

    /** The result of an attempt to sign in. */
    public sealed interface Result {
        record Correct(Operator operator) implements Result {}

        record Wrong() implements Result {}

        /** Too many attempts failed before. */
        record TooMany() implements Result {}
    }

    /** @param source the address of the client */
    public Mono<Result> check(String name, String password, String source) {
        return callers.signIn(name, password, source).map(result -> switch (result) {
            case Callers.Result.Authenticated(var _, var operator) -> new Result.Correct(operator.orElseThrow());
            case Callers.Result.Refused _ -> new Result.Wrong();
            case Callers.Result.Wait _ -> new Result.TooMany();
        });
    }
}
