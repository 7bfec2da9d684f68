package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Rotatable;
import dev.postern.credential.Rotation;
import dev.postern.credential.SecretAlias;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Replaces the secrets of credentials that are looked up by their secret. The record names each alias before the alias
 * is written, so that a later call finds and deletes an alias that was never used. An alias may outlive an interrupted
 * call; an alias that the record does not name, or only announces, permits nothing.
 *
 * @param <C> the kind
 */
final class SecretRotation<C extends Rotatable<C>> {
    private final ManagedCredentials<C> managed;
    private final CredentialRecords credentials;
    private final Clock clock;
    private final Supplier<String> generator;
    private final BiFunction<String, String, Optional<String>> seal;

    /**
     * @param generator makes a secret; may block
     * @param seal      seals a secret, given its index; empty if its owner cannot see it
     */
    SecretRotation(ManagedCredentials<C> managed, CredentialRecords credentials, Clock clock,
            Supplier<String> generator, BiFunction<String, String, Optional<String>> seal) {
        this.managed = managed;
        this.credentials = credentials;
        this.clock = clock;
        this.generator = generator;
        this.seal = seal;
    }

    /** A credential with its new secret. */
    record Rotated<C>(Listing.Entry<C> entry, PresentedCredential secret) {}

    /**
     * Makes a new secret. The call is refused while an old secret is still valid, because the devices that still use it
     * would be shut out.
     *
     * @param overlap how long the current secret stays valid
     */
    Mono<Rotated<C>> rotate(AccountId account, String id, Duration overlap) {
        return Mono.fromSupplier(generator).subscribeOn(Schedulers.boundedElastic()).flatMap(secret -> {
            String index = credentials.index(secret);
            return announce(account, id, index)
                    .flatMap(home -> credentials.create(index, new SecretAlias(account, home)))
                    .then(promote(account, id, index, secret, overlap)
                            .onErrorResume(ChangeRefusedException.class, gone -> withdraw(index, gone))
                            .onErrorResume(ConcurrentChangeException.class, overtaken -> withdraw(index, overtaken)))
                    .map(entry -> new Rotated<>(entry, new PresentedCredential(secret)));
        });
    }

    private <T> Mono<T> withdraw(String index, RuntimeException failure) {
        return credentials.delete(index).then(Mono.error(failure));
    }

    /** Returns the index of the record. */
    private Mono<String> announce(AccountId account, String id, String index) {
        AtomicReference<Optional<String>> announcedBefore = new AtomicReference<>(Optional.empty());
        return managed.changeEntry(account, id, entry -> {
            Rotation present = entry.credential().secrets(entry.index());
            requireNoOld(entry.credential(), clock.instant());
            announcedBefore.set(present.next());
            return entry.credential().with(present.announce(index), entry.credential().sealed());
        }).flatMap(entry -> deleteAliases(announcedBefore.get().stream()).thenReturn(entry.index()));
    }

    /** @throws ChangeRefusedException if the credential has an old secret that is still valid */
    static void requireNoOld(Credential.Managed credential, Instant now) {
        credential.oldSecret().filter(old -> old.isValid(now)).ifPresent(old -> {
            throw new ChangeRefusedException(ChangeRefusedException.Why.NOT_AS_IT_IS, "The old secret is valid until "
                    + old.until() + ". End that rotation first.");
        });
    }

    private Mono<Listing.Entry<C>> promote(AccountId account, String id, String index, String secret,
            Duration overlap) {
        AtomicReference<Stream<String>> dropped = new AtomicReference<>(Stream.empty());
        return managed.changeEntry(account, id, entry -> {
            C credential = entry.credential();
            Rotation present = credential.secrets(entry.index());
            if (!present.next().equals(Optional.of(index))) {
                throw new ConcurrentChangeException();
            }
            Instant now = now();
            Optional<Rotation.Old> old = overlap.isPositive()
                    ? Optional.of(new Rotation.Old(present.secret(), credential.sealed(), now.plus(overlap)))
                    : Optional.empty();
            dropped.set(notHome(entry, Stream.concat(present.old().map(Rotation.Old::secret).stream(),
                    old.isPresent() ? Stream.empty() : Stream.of(present.secret()))));
            return credential.with(present.promote(now, old), seal.apply(secret, index));
        }).flatMap(entry -> deleteAliases(dropped.get()).thenReturn(entry));
    }

    /** Ends the overlap: from now on, only the new secret is valid, or only the old one. */
    Mono<Listing.Entry<C>> end(AccountId account, String id, Revoked revoked) {
        AtomicReference<Stream<String>> dropped = new AtomicReference<>(Stream.empty());
        return managed.changeEntry(account, id, entry -> {
            C credential = entry.credential();
            Rotation present = credential.secrets(entry.index());
            revoked.requireOld(credential, clock.instant());
            Rotation.Old old = present.old().orElseThrow();
            return switch (revoked) {
                case OLD -> {
                    dropped.set(notHome(entry, Stream.of(old.secret())));
                    yield credential.with(present.withoutOld(), credential.sealed());
                }
                case NEW -> {
                    dropped.set(notHome(entry, Stream.of(present.secret())));
                    yield credential.with(present.withoutNew(now()), old.sealed());
                }
            };
        }).flatMap(entry -> deleteAliases(dropped.get()).thenReturn(entry));
    }

    private static Stream<String> notHome(Listing.Entry<?> entry, Stream<String> indexes) {
        return indexes.filter(index -> !index.equals(entry.index()));
    }

    private Mono<Void> deleteAliases(Stream<String> indexes) {
        return Flux.fromStream(indexes).concatMap(credentials::delete).then();
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** The indexes of all aliases that a record names. */
    static Stream<String> aliases(String home, Rotatable<?> credential) {
        return credential.rotation().stream()
                .flatMap(rotation -> Stream.of(Optional.of(rotation.secret()),
                        rotation.old().map(Rotation.Old::secret), rotation.next()))
                .flatMap(Optional::stream).filter(index -> !index.equals(home));
    }
}
