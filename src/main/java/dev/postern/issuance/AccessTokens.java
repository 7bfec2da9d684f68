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
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The access tokens of applications: issues, revokes and looks into them. */
public final class AccessTokens {
    /** Most live tokens of an application; the oldest ends when there is one more. */
    public static final int MAX_LIVE = 100;
    /** How long the record of an ended token is kept, to tell what became of it. */
    static final Duration KEPT = Duration.ofHours(1);

    private static final String LIST_TOKEN = Scripts.read("/dev/postern/issuance/list-access-token.lua");
    private static final int MAX_SCOPES = 50;

    private final RedisStore redis;
    private final CredentialRecords credentials;
    private final TokenSettings settings;
    private final Clock clock;
    private final List<ApiId> catalogue;

    /** @param catalogue every API that there is */
    public AccessTokens(RedisStore redis, SecretKeys secrets, Clock clock, TokenSettings settings,
            List<ApiId> catalogue) {
        this.catalogue = List.copyOf(catalogue);
        this.redis = redis;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * A token that may be used.
     *
     * @param granted what it may do now
     */
    public record Live(AccessToken token, GrantedScope granted) {}

    /** A token with its text, for its client. */
    public record Issued(PresentedCredential text, AccessToken token) {
        /** How long it lives from its making on. */
        public Duration lifetime() {
            return Duration.between(token.issued(), token.expires());
        }
    }

    /** Whether the gate could read this scope: values that are APIs, or APIs and actions. */
    public static boolean isScope(String scope) {
        List<String> values = List.of(scope.split(" ", -1));
        return values.size() <= MAX_SCOPES && values.stream().allMatch(value -> Scopes.scope(value).isPresent());
    }

    /**
     * Issues a token; empty when the application has just been deleted.
     *
     * @param scope what it may do at most; empty for everything that the application may do
     */
    public Mono<Issued> issue(Applications.Client client, Optional<String> scope) {
        return Mono.fromSupplier(() -> {
            Instant now = Instant.ofEpochMilli(clock.millis());
            return new Issued(new PresentedCredential(KeyGenerator.accessToken()),
                    new AccessToken(client.application().account(), client.index(), Optional.empty(), scope, now,
                            now.plus(settings.accessTokenLifetime()), false));
        }).subscribeOn(Schedulers.boundedElastic()).flatMap(this::write);
    }

    /** The oldest go before the new one counts, so that there are never too many. */
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
     * Calls that list a token and have not written its record yet find out from the list that it has ended: so the records go
     * before the list, in case this is cut off, and after it, in case one was written in between.
     */
    private Mono<Void> end(String live, List<String> indexes) {
        return indexes.isEmpty()
                ? Mono.empty()
                : Flux.fromIterable(indexes).concatMap(credentials::giveUp)
                        .then(redis.run(commands -> commands.zrem(live, indexes.toArray(String[]::new))))
                        .thenMany(Flux.fromIterable(indexes).concatMap(credentials::giveUp)).then();
    }

    /**
     * What is not listed is not counted, and nobody would end it. Either so many were issued meanwhile that the new token is
     * one of those that had to go, or the application was deleted.
     */
    private Mono<Issued> stillIssued(Issued issued, String live, String index) {
        AccessToken token = issued.token();
        return redis.run(commands -> commands.zscore(live, index)).map(_ -> issued)
                .switchIfEmpty(Mono.defer(() -> credentials.delete(index)
                        .then(redis.run(commands -> commands.zscore(
                                ListKind.APPLICATIONS.key(token.account()), token.application())))
                        .map(_ -> issued)));
    }

    /** Ends a token, if it is one of the application's; also one of a terminal. */
    public Mono<Void> revoke(Applications.Client client, PresentedCredential text) {
        String index = credentials.index(text.secret());
        // It may have been revoked just now, by a call that could not say whether that will last.
        return Replication.note(CredentialRecords.key(index)).then(credentials.find(index)).ofType(AccessToken.class)
                .filter(token -> token.application().equals(client.index()) && !token.revoked())
                .flatMap(token -> credentials.end(index, token, token.asRevoked())
                        .then(redis.run(commands -> commands.zrem(
                                ApplicationKeys.tokens(token.account(), token.application()), index))))
                .then();
    }

    /**
     * What an application is granted of a scope.
     *
     * @param scope the scope that it asks for; empty for everything that it may do
     */
    public GrantedScope granted(Application application, Optional<String> scope) {
        return GrantedScope.of(application.rules(), scope, catalogue);
    }

    /** A live token of an account; empty for anything else. */
    public Mono<Live> findLive(AccountId account, PresentedCredential text) {
        return credentials.find(credentials.index(text.secret())).ofType(AccessToken.class)
                .filter(token -> token.account().equals(account) && !token.revoked()
                        && clock.instant().isBefore(token.expires()))
                .flatMap(token -> credentials.find(token.application()).ofType(Application.class)
                        .filter(Application::enabled)
                        .map(application -> new Live(token, granted(application, token.scope()))));
    }
}
