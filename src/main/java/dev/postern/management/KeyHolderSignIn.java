package dev.postern.management;

import dev.postern.credential.CredentialRecords;
import dev.postern.credential.MasterKey;
import dev.postern.operator.AttemptLimit;
import dev.postern.operator.KeyHolderSession;
import dev.postern.operator.KeyHolderSessions;
import dev.postern.operator.KeyHolderSessions.Begun;
import java.time.Clock;
import reactor.core.publisher.Mono;

/**
 * Signs the holder of a master key in to their page, and finds out at each request whether they still hold it. Attempts
 * have their own limit: the page may be on the public port, and whoever guesses there must not keep operators who have
 * the same address out of the console.
 */
public final class KeyHolderSignIn {
    /**
     * How often one master key can sign in within {@link AttemptLimit#WINDOW}, at one gate. Each sign-in is a record in
     * Redis.
     */
    static final int MAX_SIGN_INS = 300;

    private static final int MAX_LENGTH = 1024;
    /** Attempts have no name; they are counted by address only. */
    private static final String NO_NAME = "";
    /** Sign-ins are counted by master key only. */
    private static final String NO_SOURCE = "";

    private final CredentialRecords credentials;
    private final KeyHolderSessions sessions;
    private final AttemptLimit failed;
    private final AttemptLimit succeeded;

    KeyHolderSignIn(CredentialRecords credentials, KeyHolderSessions sessions, Clock clock) {
        this.credentials = credentials;
        this.sessions = sessions;
        this.failed = new AttemptLimit(clock);
        this.succeeded = new AttemptLimit(clock, Integer.MAX_VALUE, MAX_SIGN_INS);
    }

    /** The result of an attempt to sign in. */
    public sealed interface Result {
        record SignedIn(Begun begun) implements Result {}

        record Wrong() implements Result {}

        /** Too many attempts failed before, or the key has signed in too often. */
        record TooMany() implements Result {}
    }

    /**
     * Signs in with a master key.
     *
     * @param source the address of the client
     */
    public Mono<Result> signIn(String masterKey, String source) {
        if (failed.wait(source, NO_NAME).isPresent()) {
            return Mono.just(new Result.TooMany());
        }
        return find(masterKey).flatMap(index -> credentials.find(index).ofType(MasterKey.class)
                .flatMap(key -> begin(key, index)))
                .switchIfEmpty(Mono.fromSupplier(() -> {
                    failed.failed(source, NO_NAME);
                    return new Result.Wrong();
                }));
    }

    private Mono<String> find(String masterKey) {
        return masterKey.isEmpty() || masterKey.length() > MAX_LENGTH
                ? Mono.empty()
                : Mono.fromSupplier(() -> credentials.index(masterKey));
    }

    private Mono<Result> begin(MasterKey key, String index) {
        if (succeeded.wait(NO_SOURCE, index).isPresent()) {
            return Mono.just(new Result.TooMany());
        }
        succeeded.failed(NO_SOURCE, index);
        return sessions.begin(key.account(), index).map(Result.SignedIn::new);
    }

    /**
     * The caller whose session this is; empty if the master key that began it is not valid any more: it was replaced,
     * or its account was deleted. Redis is asked each time, so this takes effect at once at all gates.
     */
    public Mono<Caller> caller(KeyHolderSession session, String source) {
        return credentials.find(session.masterKey()).ofType(MasterKey.class)
                .filter(key -> key.account().equals(session.account()))
                .map(key -> Caller.holder(key.account(), source));
    }
}
