package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.ConcurrentChangeException;
import dev.postern.account.Page;
import dev.postern.account.StoredBytes;
import dev.postern.credential.Application;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.Terminal;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.TerminalTokens.Issue;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The terminals of applications. Each terminal gets one token, for the device that has the terminal's ID. A terminal of
 * a hardware application takes one of the limited places of an authcode.
 */
public final class Terminals {
    /** The largest number of authcodes of an application. */
    static final int MAX_AUTHCODES = 10_000;
    /** The largest number of authcodes created by one call. */
    public static final int MAX_COUNT = 1000;
    /** The largest number of terminals of an authcode. */
    public static final int MAX_TERMINALS = 1_000_000;

    private static final int ATTEMPTS = 5;
    private static final String ADMIT = Scripts.read(Scripts.RECORDS)
            + Scripts.read("/dev/postern/issuance/admit-terminal.lua");

    private final RedisStore redis;
    private final TerminalTokens tokens;
    private final Applications applications;
    private final Authcodes authcodes;
    private final TokenSettings settings;
    private final Clock clock;

    public Terminals(RedisStore redis, StoredBytes stored, SecretKeys secrets, Applications applications, Clock clock,
            TokenSettings settings) {
        this.redis = redis;
        this.tokens = new TerminalTokens(redis, secrets, clock, settings);
        this.applications = applications;
        this.authcodes = new Authcodes(redis, stored, secrets, clock);
        this.settings = settings;
        this.clock = clock;
    }

    /** The outcome of requesting a terminal's token. */
    public sealed interface Authorization {
        /**
         * The token.
         *
         * @param issued  when it was first issued
         * @param expires when it expires
         */
        record Authorized(PresentedCredential token, Instant issued, Instant expires) implements Authorization {}

        /** No application has this key. */
        record ApplicationUnknown() implements Authorization {}

        /** The operator has switched the application off, or it has expired. */
        record ApplicationDisabled() implements Authorization {}

        /** The application is for hardware, and no authcode was sent. */
        record AuthcodeMissing() implements Authorization {}

        /** The application has no such authcode. */
        record AuthcodeUnknown() implements Authorization {}

        /** The authcode has expired. */
        record AuthcodeExpired() implements Authorization {}

        /** The authcode, or the application, has no place left for another terminal. */
        record QuotaFull() implements Authorization {}
    }

    /** Admits the terminals that get a new place. */
    @FunctionalInterface
    public interface Admissions {
        /**
         * Admits a terminal.
         *
         * @param application the ID of the application
         * @param admission   the admission itself; may still be refused
         */
        Mono<Authorization> admit(AccountId account, String application, Mono<Authorization> admission);
    }

    /**
     * An authcode.
     *
     * @param terminals how many terminals it admits
     * @param used      how many it has admitted
     * @param until     when it expires; empty for never
     */
    public record Authcode(PresentedCredential code, int terminals, long used, Optional<Instant> until) {}

    /**
     * Returns the terminal's current token, or issues a new one.
     *
     * @param userId   the ID of the terminal, and of the device that its token is for
     * @param authcode required for hardware applications, ignored for others
     * @param address  where the terminal calls from; null if that is unknown. Fails with
     *                 {@link AddressRefusedException} if the application is limited to other networks
     */
    public Mono<Authorization> authorize(String appKey, DeviceId userId, Optional<PresentedCredential> authcode,
            @Nullable InetAddress address) {
        return authorize(appKey, userId, authcode, address, null);
    }

    /** The same, but admits a new terminal only through {@code admissions}. */
    public Mono<Authorization> authorize(String appKey, DeviceId userId, Optional<PresentedCredential> authcode,
            @Nullable InetAddress address, @Nullable Admissions admissions) {
        return applications.find(appKey).flatMap(client -> {
            Application application = client.application();
            if (!application.isUsable(clock.instant())) {
                return Mono.<Authorization>just(new Authorization.ApplicationDisabled());
            }
            AddressRefusedException.requirePermitted(application.limits(), address);
            Optional<String> code = switch (application.platform()) {
                case SOFTWARE -> Optional.of("");
                case HARDWARE -> authcode.map(given -> authcodes.index(client.index(), given.secret()));
            };
            return code.isEmpty()
                    ? Mono.<Authorization>just(new Authorization.AuthcodeMissing())
                    : admit(client, userId, code.get(), admissions);
        }).defaultIfEmpty(new Authorization.ApplicationUnknown());
    }

    private Mono<Authorization> admit(Applications.Client client, DeviceId userId, String authcode,
            @Nullable Admissions admissions) {
        Admission admission = new Admission(client, userId, authcode);
        return admissions == null
                ? admit(admission, "", ATTEMPTS, false)
                : admit(admission, "", ATTEMPTS, true).switchIfEmpty(Mono.defer(
                        () -> admissions.admit(client.application().account(),
                                CredentialRecords.idOf(client.index()).value(),
                                admit(admission, "", ATTEMPTS, false))));
    }

    /** A terminal that requests its token, with the index of the authcode that it presents. */
    private record Admission(Applications.Client client, DeviceId userId, String authcode) {}

    /**
     * @param revoked   the stored terminal, if its token was revoked and must be replaced; empty otherwise
     * @param isPresent whether the terminal must already have a place with this authcode; the result is empty if it
     *                  has none and would get one
     */
    private Mono<Authorization> admit(Admission admission, String revoked, int attempts, boolean isPresent) {
        Applications.Client client = admission.client();
        DeviceId userId = admission.userId();
        String authcode = admission.authcode();
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
                            revoked, isPresent ? "1" : "")
                            .flatMap(outcome -> switch (outcome.getFirst()) {
                                case "admitted" ->
                                    tokens.issue(client, userId, Terminal.decode(terminals, outcome.get(1)))
                                            .flatMap(issued -> switch (issued) {
                                                case Issue.Done(var authorized) -> Mono.<Authorization>just(authorized);
                                                case Issue.Revoked(var terminal) ->
                                                    admit(admission, terminal.encode(), attempts - 1, isPresent);
                                                case Issue.Overtaken() ->
                                                    admit(admission, "", attempts - 1, isPresent);
                                            });
                                case "orphaned" -> tokens.revoke(account, client.index(), userId.value(),
                                        Terminal.decode(terminals, outcome.get(1)))
                                        .then(admit(admission, "", attempts - 1, isPresent));
                                case "new" -> Mono.<Authorization>empty();
                                case "unknown" -> Mono.just(new Authorization.AuthcodeUnknown());
                                case "expired" -> Mono.just(new Authorization.AuthcodeExpired());
                                case "full" -> Mono.just(new Authorization.QuotaFull());
                                default -> Mono.just(new Authorization.ApplicationUnknown());
                            });
                });
    }

    /**
     * Creates authcodes; {@link ChangeRefusedException} if that is not possible.
     *
     * @param count     how many authcodes
     * @param terminals how many terminals each admits
     * @param validFor  how long they are valid; empty for no limit
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

    /** The authcodes of an application, in no particular order. */
    public Mono<Page<Authcode>> authcodes(AccountId account, String id, Page.Request page) {
        return applications.requireEntry(account, id).flatMap(entry -> authcodes.list(entry, page));
    }

    /**
     * Deletes an authcode, and revokes the tokens of the terminals that it admitted. False if the application has no
     * such authcode, and nothing is left of an interrupted deletion.
     */
    public Mono<Boolean> deleteAuthcode(AccountId account, String id, PresentedCredential code) {
        return applications.requireEntry(account, id).flatMap(entry -> {
            String index = authcodes.index(entry.index(), code.secret());
            return deleteAuthcode(account, entry.index(), index);
        });
    }

    /**
     * @param application the index of the application
     * @param authcode    the index of the authcode
     */
    Mono<Boolean> deleteAuthcode(AccountId account, String application, String authcode) {
        // Delete the authcode first: from then on it admits nobody. Delete its number of terminals last: it tells a
        // repeated call that an earlier one was interrupted.
        return authcodes.remove(account, application, authcode)
                .flatMap(deleted -> tokens.revokeAll(account, application, authcode)
                        .then(redis.run(commands -> commands
                                .hdel(ApplicationKeys.admitted(account, application), authcode)))
                        .map(left -> deleted || left > 0));
    }
}
