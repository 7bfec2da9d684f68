package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.KeyGenerator;
import dev.postern.credential.AccessToken;
import dev.postern.credential.Application;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Terminal;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.Terminals.Authorization;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The tokens of terminals: creates, issues and revokes them. A token has two records: the terminal's, in the slot of
 * the account, and the token's own. A token must never stay valid without its terminal.
 */
final class TerminalTokens {
    private static final int SCAN_BATCH = 500;
    private static final String DISMISS = Scripts.read("/dev/postern/issuance/dismiss-terminal.lua");

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final TokenSettings settings;
    private final Clock clock;

    TerminalTokens(RedisStore redis, SecretKeys secrets, Clock clock, TokenSettings settings) {
        this.redis = redis;
        this.secrets = secrets;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.settings = settings;
    }

    /** A terminal with a new token, which is not stored yet. */
    Terminal create(String authcode) {
        String token = KeyGenerator.accessToken();
        String index = credentials.index(token);
        Instant now = Instant.ofEpochMilli(clock.millis());
        return new Terminal(secrets.seal(token, tokenContext(index)), index, authcode, now,
                now.plus(settings.terminalLifetime()));
    }

    /** The outcome of issuing the token of a terminal. */
    sealed interface Issue {
        record Done(Authorization.Authorized authorized) implements Issue {}

        /** The client has revoked the token: the terminal gets another. */
        record Revoked(Terminal terminal) implements Issue {}

        /** The authcode or the application was deleted meanwhile, or the token was replaced. */
        record Overtaken() implements Issue {}
    }

    /**
     * Issues the token of a terminal. The token's record is written on each call: an earlier call may have been
     * interrupted before that.
     */
    Mono<Issue> issue(Applications.Client client, DeviceId userId, Terminal terminal) {
        AccessToken token = new AccessToken(client.application().account(), client.index(), Optional.of(userId),
                Optional.empty(), terminal.issued(), terminal.expires(), false);
        String terminals = ApplicationKeys.terminals(token.account(), client.index());
        return credentials.create(terminal.index(), token, terminal.expires().plus(AccessTokens.KEPT))
                .flatMap(_ -> credentials.find(terminal.index()))
                .flatMap(present -> present instanceof AccessToken written && written.revoked()
                        ? Mono.<Issue>just(new Issue.Revoked(terminal))
                        : redis.run(commands -> commands.hget(terminals, userId.value()))
                                // The terminal may have changed its authcode meanwhile; it keeps its token then.
                                .filter(text -> Terminal.decode(terminals, text).index().equals(terminal.index()))
                                .<Issue>map(_ -> new Issue.Done(new Authorization.Authorized(
                                        new PresentedCredential(
                                                secrets.open(terminal.sealed(), tokenContext(terminal.index()))),
                                        terminal.issued(), end(client.application(), terminal)))))
                // A record written for a terminal that is gone must not stay.
                .switchIfEmpty(Mono.defer(() -> credentials.delete(terminal.index())
                        .thenReturn(new Issue.Overtaken())));
    }

    /** A token is not valid longer than its application. */
    private static Instant end(Application application, Terminal terminal) {
        Instant end = application.limits().end();
        return end.isBefore(terminal.expires()) ? end : terminal.expires();
    }

    /**
     * Revokes the token of a terminal and frees its place. A call that issues the token at the same time writes the
     * record and then looks for the terminal. So the record is deleted before the terminal, which makes this method
     * repeatable, and again after it, in case the record was written in between.
     */
    Mono<Boolean> revoke(AccountId account, String application, String userId, Terminal terminal) {
        return credentials.delete(terminal.index()).then(dismiss(account, application, userId, terminal))
                .then(credentials.delete(terminal.index()));
    }

    /** Frees the terminal's place, if the terminal is still as it was read. */
    private Mono<Long> dismiss(AccountId account, String index, String userId, Terminal terminal) {
        return Scripts.run(redis, DISMISS, new String[]{ApplicationKeys.terminals(account, index),
                ApplicationKeys.admitted(account, index)}, userId, terminal.encode(), terminal.authcode());
    }

    private static String tokenContext(String index) {
        return "terminal:" + index;
    }

    /** Revokes the tokens of all terminals that an authcode admitted. */
    Mono<Void> revokeAll(AccountId account, String application, String authcode) {
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
                            ? revoke(account, application, entry.getKey(), terminal)
                            : Mono.empty();
                }).then();
    }
}
