package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.ApiId;
import dev.postern.account.KeyGenerator;
import dev.postern.credential.AccessToken;
import dev.postern.credential.Application;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.GrantedScope;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Scopes;
import dev.postern.credential.TokenSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.Replication;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Issues, revokes and introspects the access tokens of applications. */
public final class AccessTokens {
    /** The maximum number of live tokens of an application. Issuing one more deletes the oldest. */
    static final int MAX_LIVE = 100;
    /** How long the record of an expired token is kept, so that denials can say why. */
    static final Duration KEPT = Duration.ofHours(1);

    private static final String LIST_TOKEN = Scripts.read("/dev/postern/issuance/list-access-token.lua");
    private static final int MAX_SCOPES = 50;

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final TokenSettings settings;
    private final Clock clock;
    private final Supplier<List<ApiId>> catalogue;

    /** @param catalogue all APIs that exist now */
    public AccessTokens(RedisStore redis, SecretKeys secrets, Clock clock, TokenSettings settings,
            Supplier<List<ApiId>> catalogue) {
        this.catalogue = catalogue;
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * A token that is valid now.
     *
     * @param granted the scope it has now
     * @param until   when it stops being valid: at its own expiry or, if earlier, that of its application
     */
    public record Live(AccessToken token, GrantedScope granted, Instant until) {}

    /** A token with its text, for its client. */
    public record Issued(PresentedCredential text, AccessToken token) {
        /** Its lifetime from the time of issue. */
        public Duration lifetime() {
            return Duration.between(token.issued(), token.expires());
        }
    }

    /** Whether this is a valid scope: values that are APIs, or APIs and actions. */
    public static boolean isScope(String scope) {
        List<String> values = List.of(scope.split(" ", -1));
        return values.size() <= MAX_SCOPES && values.stream().allMatch(value -> Scopes.scope(value).isPresent());
    }

    /**
     * Issues a token; empty if the application has just been deleted.
     *
     * @param scope the most that it may do; empty for everything that the application may do
     */
    public Mono<Issued> issue(Applications.Client client, Optional<String> scope) {
        return Mono.fromSupplier(() -> {
            Instant now = Instant.ofEpochMilli(clock.millis());
            return new Issued(new PresentedCredential(KeyGenerator.accessToken()),
                    new AccessToken(client.application().account(), client.index(), Optional.empty(), scope, now,
                            earlier(now.plus(settings.accessTokenLifetime()), client.application().limits().end()),
                            false, client.secret()));
        }).subscribeOn(Schedulers.boundedElastic()).flatMap(this::write);
    }

    /** Deletes the oldest tokens before the new one becomes valid, so that there are never too many. */
    private Mono<Issued> write(Issued issued) {
        AccessToken token = issued.token();
        String index = credentials.index(issued.text().secret());
        String live = ApplicationKeys.tokens(token.account(), token.application());
        return Scripts.list(redis, LIST_TOKEN,
                new String[]{ListKind.APPLICATIONS.key(token.account()), live}, token.application(), index,
                Long.toString(token.issued().toEpochMilli()), Long.toString(token.expires().toEpochMilli()),
                Integer.toString(MAX_LIVE)).filter(listed -> listed.getFirst().equals("1"))
                .flatMap(listed -> end(live, listed.subList(1, listed.size()))
                        .then(credentials.create(index, token, token.expires().plus(KEPT)))
                        .then(stillIssued(issued, live, index)));
    }

    /**
     * A call that has listed a token but not yet written its record learns from the list that the token was deleted. So
     * the records are deleted before the list entries, in case this call is interrupted, and again after them, in case
     * a record was written in between.
     */
    private Mono<Void> end(String live, List<String> indexes) {
        return indexes.isEmpty()
                ? Mono.empty()
                : Flux.fromIterable(indexes).concatMap(credentials::giveUp)
                        .then(redis.run(commands -> commands.zrem(live, indexes.toArray(String[]::new))))
                        .thenMany(Flux.fromIterable(indexes).concatMap(credentials::giveUp)).then();
    }

    /**
     * A token that is not listed is not limited, and nothing would ever delete it. This happens if so many tokens were
     * issued meanwhile that the new one was already superseded, or if the application was deleted.
     */
    private Mono<Issued> stillIssued(Issued issued, String live, String index) {
        AccessToken token = issued.token();
        return redis.run(commands -> commands.zscore(live, index)).map(_ -> issued)
                .switchIfEmpty(Mono.defer(() -> credentials.delete(index)
                        .then(redis.run(commands -> commands.zscore(
                                ListKind.APPLICATIONS.key(token.account()), token.application())))
                        .map(_ -> issued)));
    }

    /**
     * A token that {@link #revoke} would revoke.
     *
     * @param id names the token without revealing it
     */
    public record Revocable(String id, String application, AccessToken token) {}

    /** Finds a token that the application may revoke; empty if there is nothing to revoke. */
    public Mono<Revocable> findRevocable(Applications.Client client, PresentedCredential text) {
        String index = credentials.index(text.secret());
        return findRevocable(client, index).map(token -> new Revocable(CredentialRecords.idOf(index).value(),
                CredentialRecords.idOf(client.index()).value(), token));
    }

    private Mono<AccessToken> findRevocable(Applications.Client client, String index) {
        return credentials.find(index).ofType(AccessToken.class)
                .filter(token -> token.application().equals(client.index()) && !token.revoked());
    }

    /** Revokes a token if it belongs to the application or to one of its terminals. */
    public Mono<Void> revoke(Applications.Client client, PresentedCredential text) {
        String index = credentials.index(text.secret());
        // It may just have been revoked by a call that could not confirm replication.
        return Replication.note(CredentialRecords.key(index)).then(findRevocable(client, index))
                .flatMap(token -> credentials.end(index, token, token.asRevoked())
                        .then(redis.run(commands -> commands.zrem(
                                ApplicationKeys.tokens(token.account(), token.application()), index))))
                .then();
    }

    /**
     * The part of a scope that an application is granted.
     *
     * @param scope the requested scope; empty for everything that the application may do
     */
    public GrantedScope granted(Application application, Optional<String> scope) {
        return GrantedScope.of(application.rules(), scope, catalogue.get());
    }

    /** A live token of an account; empty for anything else. */
    public Mono<Live> findLive(AccountId account, PresentedCredential text) {
        return credentials.find(credentials.index(text.secret())).ofType(AccessToken.class)
                .filter(token -> token.account().equals(account) && !token.revoked()
                        && clock.instant().isBefore(token.expires()))
                .flatMap(token -> credentials.find(token.application()).ofType(Application.class)
                        .filter(application -> application.isUsable(clock.instant()))
                        .map(application -> new Live(token, granted(application, token.scope()),
                                earlier(token.expires(), application.limits().end()))));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
