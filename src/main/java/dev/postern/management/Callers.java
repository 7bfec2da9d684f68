package dev.postern.management;

import dev.postern.credential.CredentialRecords;
import dev.postern.credential.MasterKey;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.Operator;
import dev.postern.operator.Operators;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Authenticates the callers of the management API: the operator token, the master key of an account, or the name and
 * password of an operator. Failed attempts are limited. The operator token is exempt: it cannot be guessed, and must
 * work even while someone is guessing passwords.
 */
final class Callers {
    private static final String BEARER = "Bearer ";
    private static final String BASIC = "Basic ";
    private static final int MAX_LENGTH = 1024;
    /** The name of attempts without a name; they are counted by address only. */
    private static final String NO_NAME = "";

    private final OperatorToken operatorToken;
    private final Operators operators;
    private final CredentialRecords credentials;
    private final AttemptLimit attempts;

    Callers(OperatorToken operatorToken, Operators operators, CredentialRecords credentials, AttemptLimit attempts) {
        this.operatorToken = operatorToken;
        this.operators = operators;
        this.credentials = credentials;
        this.attempts = attempts;
    }

    /** The result of an attempt to authenticate. */
    sealed interface Result {
        /** @param operator the operator who signed in; empty for a token or key */
        record Authenticated(Caller caller, Optional<Operator> operator) implements Result {}

        record Refused(Problem problem) implements Result {}

        /** Too many attempts failed before. */
        record Wait(Duration time) implements Result {}
    }

    /**
     * Authenticates with the value of an {@code Authorization} header.
     *
     * @param source the address of the client
     */
    Mono<Result> authenticate(String authorization, String source) {
        if (authorization.length() > MAX_LENGTH) {
            return Mono.just(new Result.Refused(Problem.OPERATOR_TOKEN_WRONG));
        }
        if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return bearer(authorization.substring(BEARER.length()).strip(), source);
        }
        if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return basic(authorization.substring(BASIC.length()).strip(), source);
        }
        return Mono.just(new Result.Refused(Problem.OPERATOR_TOKEN_WRONG));
    }

    private Mono<Result> bearer(String token, String source) {
        if (operatorToken.matches(token)) {
            return Mono.just(new Result.Authenticated(Caller.operatorToken(source), Optional.empty()));
        }
        return limited(source, NO_NAME, Problem.OPERATOR_TOKEN_WRONG, Mono.defer(() -> credentials
                .find(credentials.index(token)).ofType(MasterKey.class)
                .map(key -> new Result.Authenticated(Caller.holder(key.account(), source), Optional.empty()))));
    }

    private Mono<Result> basic(String encoded, String source) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return Mono.just(new Result.Refused(Problem.SIGN_IN_FAILED));
        }
        int colon = pair.indexOf(':');
        return colon < 0
                ? Mono.just(new Result.Refused(Problem.SIGN_IN_FAILED))
                : signIn(pair.substring(0, colon), pair.substring(colon + 1), source);
    }

    /** Authenticates an operator by name and password. */
    Mono<Result> signIn(String name, String password, String source) {
        // A name that no operator can have is not tracked, and no password is hashed.
        return Operator.isName(name)
                ? limited(source, name, Problem.SIGN_IN_FAILED, operators.verify(name, password)
                        .map(operator -> new Result.Authenticated(
                                Caller.operator(operator.name(), operator.role(), source), Optional.of(operator))))
                : limited(source, NO_NAME, Problem.SIGN_IN_FAILED, Mono.empty());
    }

    /** @param attempt empty if it fails */
    private Mono<Result> limited(String source, String name, Problem failure,
            Mono<Result.Authenticated> attempt) {
        Optional<Duration> wait = attempts.wait(source, name);
        if (wait.isPresent()) {
            return Mono.just(new Result.Wait(wait.get()));
        }
        return attempt.<Result>map(authenticated -> {
            attempts.succeeded(name);
            return authenticated;
        }).switchIfEmpty(Mono.fromSupplier(() -> {
            attempts.failed(source, name);
            return new Result.Refused(failure);
        }));
    }
}
