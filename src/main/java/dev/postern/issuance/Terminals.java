package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Page;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Application;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Terminal;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.TerminalTokens.Issue;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The terminals of applications: each gets one token, which speaks for the device of its id. Terminals of a hardware
 * application take a place of an authcode, which has only so many.
 */
public final class Terminals {
    /** Most authcodes of an application. */
    public static final int MAX_AUTHCODES = 10_000;
    /** Most authcodes that are made at a time. */
    public static final int MAX_COUNT = 1000;
    /** Most terminals of an authcode. */
    public static final int MAX_TERMINALS = 1_000_000;

    private static final int ATTEMPTS = 5;
    private static final int SCAN_BATCH = 500;
    private static final String ADMIT = Scripts.read("/dev/postern/issuance/admit-terminal.lua");

    private final RedisStore redis;
    private final TerminalTokens tokens;
    private final Applications applications;
    private final Authcodes authcodes;
    private final TokenSettings settings;

    public Terminals(RedisStore redis, StoredBytes stored, SecretKeys secrets, Applications applications, Clock clock,
            TokenSettings settings) {
        this.redis = redis;
        this.tokens = new TerminalTokens(redis, secrets, clock, settings);
        this.applications = applications;
        this.authcodes = new Authcodes(redis, stored, secrets, clock);
        this.settings = settings;
    }

    /** What asking for a terminal's token comes to. */
    public sealed interface Authorization {
        /**
         * The token.
         *
         * @param issued  when it was first given out
         * @param expires when it ends
         */
        record Authorized(PresentedCredential token, Instant issued, Instant expires) implements Authorization {}

        /** No application has this key. */
        record ApplicationUnknown() implements Authorization {}

        /** The operator has switched the application off. */
        record ApplicationDisabled() implements Authorization {}

        /** The application is for hardware, and no authcode was sent. */
        record AuthcodeMissing() implements Authorization {}

        /** The application has no such authcode. */
        record AuthcodeUnknown() implements Authorization {}

        /** The time of the authcode is over. */
        record AuthcodeExpired() implements Authorization {}

        /** The authcode, or the application, has as many terminals as it may have. */
        record QuotaFull() implements Authorization {}
    }

    /**
     * An authcode.
     *
     * @param terminals how many terminals it lets in
     * @param used      how many it has let in
     * @param until     when it stops to count; empty for never
     */
    public record Authcode(PresentedCredential code, int terminals, long used, Optional<Instant> until) {}

    /**
     * The token of a terminal: the one that it has, or a new one.
     *
     * @param userId   id of the terminal, and of the device that its token is for
     * @param authcode needed by hardware applications, not looked at for others
     */
    public Mono<Authorization> authorize(String appKey, DeviceId userId, Optional<PresentedCredential> authcode) {
        return applications.find(appKey).flatMap(client -> {
            Application application = client.application();
            if (!application.enabled()) {
                return Mono.<Authorization>just(new Authorization.ApplicationDisabled());
            }
            Optional<String> code = switch (application.platform()) {
                case SOFTWARE -> Optional.of("");
                case HARDWARE -> authcode.map(given -> authcodes.index(client.index(), given.secret()));
            };
            return code.isEmpty()
                    ? Mono.<Authorization>just(new Authorization.AuthcodeMissing())
                    : admit(client, userId, code.get());
        }).defaultIfEmpty(new Authorization.ApplicationUnknown());
    }

    private Mono<Authorization> admit(Applications.Client client, DeviceId userId, String authcode) {
        return admit(client, userId, authcode, "", ATTEMPTS);
    }

    /** @param revoked the terminal as it is stored, when its token was revoked and another takes its place; empty otherwise */
    private Mono<Authorization> admit(Applications.Client client, DeviceId userId, String authcode, String revoked,
            int attempts) {
        if (attempts == 0) {
            return Mono.error(new ConcurrentChangeException());
        }
        return Mono.fromSupplier(() -> tokens.create(authcode)).subscribeOn(Schedulers.boundedElastic())
                .flatMap(fresh -> {
                    AccountId account = client.application().account();
                    String terminals = ApplicationKeys.terminals(account, client.index());
                    String[] keys = {ListKind.APPLICATIONS.key(account),
                            ApplicationKeys.authcodes(account, client.index()),
                            ApplicationKeys.admitted(account, client.index()), terminals};
                    return Scripts.list(redis, ADMIT, keys, client.index(), authcode, userId.value(), fresh.encode(),
                            Long.toString(fresh.issued().toEpochMilli()), Integer.toString(settings.maxTerminals()),
                            revoked)
                            .flatMap(outcome -> switch (outcome.getFirst()) {
                                case "admitted" ->
                                    tokens.issue(client, userId, Terminal.decode(terminals, outcome.get(1)))
                                            .flatMap(issued -> switch (issued) {
                                                case Issue.Done(var authorized) -> Mono.<Authorization>just(authorized);
                                                case Issue.Revoked(var terminal) ->
                                                    admit(client, userId, authcode, terminal.encode(), attempts - 1);
                                                case Issue.Overtaken() ->
                                                    admit(client, userId, authcode, "", attempts - 1);
                                            });
                                case "orphaned" -> tokens.revoke(account, client.index(), userId.value(),
                                        Terminal.decode(terminals, outcome.get(1)))
                                        .then(admit(client, userId, authcode, "", attempts - 1));
                                case "unknown" -> Mono.just(new Authorization.AuthcodeUnknown());
                                case "expired" -> Mono.just(new Authorization.AuthcodeExpired());
                                case "full" -> Mono.just(new Authorization.QuotaFull());
                                default -> Mono.just(new Authorization.ApplicationUnknown());
                            });
                });
    }

    /**
     * Makes authcodes; a {@link ChangeRefusedException} when it cannot be done.
     *
     * @param count     how many
     * @param terminals how many terminals each lets in
     * @param validFor  how long they count; empty for ever
     */
    public Mono<List<Authcode>> addAuthcodes(AccountId account, String id, int count, int terminals,
            Optional<Duration> validFor) {
        return applications.requireEntry(account, id).flatMap(entry -> {
            if (entry.credential().platform() != Application.Platform.HARDWARE) {
                return Mono.<List<Authcode>>error(new ChangeRefusedException(ChangeRefusedException.Why.NOT_FOUND,
                        "Only an application of kind hardware has authcodes."));
            }
            return authcodes.add(entry, count, terminals, validFor);
        });
    }

    /** The authcodes of an application, in no order that means anything. */
    public Mono<Page<Authcode>> authcodes(AccountId account, String id, Page.Request page) {
        return applications.requireEntry(account, id).flatMap(entry -> authcodes.list(entry, page));
    }

    /**
     * Ends an authcode, and the tokens of the terminals that it let in; false when the application has no such authcode, and
     * nothing is left of one whose end was cut off.
     */
    public Mono<Boolean> deleteAuthcode(AccountId account, String id, PresentedCredential code) {
        return applications.requireEntry(account, id).flatMap(entry -> {
            String index = authcodes.index(entry.index(), code.secret());
            // First the authcode: from then on it lets nobody in. Last how many it had let in, which tells a call that repeats
            // one that was cut off.
            return authcodes.remove(account, entry.index(), index)
                    .flatMap(deleted -> dismissAll(account, entry.index(), index)
                            .then(redis.run(commands -> commands
                                    .hdel(ApplicationKeys.admitted(account, entry.index()), index)))
                            .map(left -> deleted || left > 0));
        });
    }

    private Mono<Void> dismissAll(AccountId account, String application, String authcode) {
        String key = ApplicationKeys.terminals(account, application);
        return redis.<MapScanCursor<String, String>>run(
                commands -> commands.hscan(key, ScanArgs.Builder.limit(SCAN_BATCH)))
                .expand(cursor -> cursor.isFinished()
                        ? Mono.empty()
                        : redis.run(commands -> commands.hscan(key, ScanCursor.of(cursor.getCursor()),
                                ScanArgs.Builder.limit(SCAN_BATCH))))
                .concatMap(cursor -> Flux.fromIterable(Map.copyOf(cursor.getMap()).entrySet()))
                .concatMap(entry -> {
                    Terminal terminal = Terminal.decode(key, entry.getValue());
                    return terminal.authcode().equals(authcode)
                            ? tokens.revoke(account, application, entry.getKey(), terminal)
                            : Mono.empty();
                }).then();
    }
}
