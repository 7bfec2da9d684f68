package dev.postern.operator;

import dev.postern.store.BulkheadFullException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Hashes passwords with BCrypt, on one thread with a short queue: a hash takes about a tenth of a second. */
final class Passwords implements AutoCloseable {
    static final int MIN_LENGTH = 12;
    /** BCrypt ignores everything after these bytes. */
    static final int MAX_BYTES = 72;
    private static final int STRENGTH = 10;
    private static final int MAX_WAITING = 64;

    private final BCryptPasswordEncoder encoder = new BCryptPasswordEncoder(STRENGTH);
    /** A hash that matches no password. */
    private final Mono<String> nobody;
    private final Scheduler worker = Schedulers.newBoundedElastic(1, MAX_WAITING, "postern-passwords", 60, true);

    Passwords() {
        nobody = Mono.defer(() -> hash(UUID.randomUUID().toString())).cache();
    }

    /** Why a text cannot be a password; empty if it can. */
    static Optional<String> complaint(String password, String operator) {
        if (password.codePointCount(0, password.length()) < MIN_LENGTH) {
            return Optional.of("must have at least " + MIN_LENGTH + " characters");
        }
        if (password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return Optional.of("must have at most " + MAX_BYTES + " bytes");
        }
        if (password.toLowerCase(Locale.ROOT).contains(operator)) {
            return Optional.of("must not contain the name of the operator");
        }
        return password.chars().distinct().count() < 5
                ? Optional.of("must have at least five different characters")
                : Optional.empty();
    }

    Mono<String> hash(String password) {
        return onWorker(() -> encoder.encode(password));
    }

    Mono<Boolean> matches(String password, String hash) {
        return password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES
                ? Mono.just(false)
                : onWorker(() -> encoder.matches(password, hash));
    }

    /** Takes as long as {@link #matches}, for an operator that does not exist. */
    Mono<Boolean> matchesNobody(String password) {
        return nobody.flatMap(hash -> matches(password, hash)).thenReturn(false);
    }

    private <T> Mono<T> onWorker(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(worker).onErrorMap(RejectedExecutionException.class,
                _ -> new BulkheadFullException("Too many passwords are being checked."));
    }

    @Override
    public void close() {
        worker.dispose();
    }
}
