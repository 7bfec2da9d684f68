package dev.postern.authentication;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiSet;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.Permissions;
import dev.postern.access.Principal;
import dev.postern.access.Rule;
import dev.postern.access.StreamSet;
import dev.postern.account.RecordRef;
import dev.postern.credential.BlockedSubject;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.IssuedIdentity;
import dev.postern.credential.Scopes;
import dev.postern.jose.Claims;
import dev.postern.jose.CompactToken;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.FetchBudget;
import dev.postern.jose.IssuerKeySettings;
import dev.postern.jose.IssuerKeys;
import dev.postern.jose.RefusedTokenException;
import dev.postern.jose.TokenTimes;
import dev.postern.jose.VerificationKey;
import dev.postern.store.SecretKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * An external issuer. Verifies its tokens (RFC 9068, RFC 8725), and reads their account, subject and permissions from
 * the claims.
 */
public final class Issuer {
    private static final Set<String> ACCESS_TOKENS = Set.of("at+jwt");
    private static final Set<String> ANY_JWT = Set.of("jwt", "at+jwt");
    private static final List<String> ACCESS_TOKEN_CLAIMS = List.of("sub", "client_id", "jti");

    private final String name;
    private final String issuer;
    private final String audience;
    private final IssuerSettings settings;
    private final TokenTimes times;
    private final IssuerKeys keys;
    private final SecretKeys secrets;
    private final CryptoWorkers workers;
    private final Clock clock;

    /**
     * Creates an issuer from its settings.
     *
     * @param name   its name in the settings
     * @param budget the budget for fetching keys, shared by all issuers
     * @throws IllegalArgumentException if a setting is missing or wrong; the message says which
     */
    public static Issuer of(String name, IssuerSettings settings, Duration clockSkew, FetchBudget budget,
            HttpClient client, SecretKeys secrets, CryptoWorkers workers, Clock clock) {
        String where = "postern.issuers." + name;
        settings.check(where);
        IssuerKeys keys = new IssuerKeys(settings.address(where), settings.algorithms(), IssuerKeySettings.defaults(),
                budget, client, clock);
        return new Issuer(name, where, settings, clockSkew, keys, secrets, workers, clock);
    }

    private Issuer(String name, String where, IssuerSettings settings, Duration clockSkew, IssuerKeys keys,
            SecretKeys secrets, CryptoWorkers workers, Clock clock) {
        this.name = name;
        this.issuer = IssuerSettings.require(where + ".issuer", settings.issuer());
        this.audience = IssuerSettings.require(where + ".audience", settings.audience());
        this.settings = settings;
        this.times = new TokenTimes(clockSkew, settings.maxLifetime());
        this.keys = keys;
        this.secrets = secrets;
        this.workers = workers;
        this.clock = clock;
    }

    String issuer() {
        return issuer;
    }

    /** Its name in the settings. */
    String name() {
        return name;
    }

    IssuerKeys keys() {
        return keys;
    }

    Mono<Verification> verify(CompactToken.Signed token, Claims claims, VerificationRecords records) {
        token.header().requireType(settings.accessTokensOnly() ? ACCESS_TOKENS : ANY_JWT, settings.accessTokensOnly());
        return keys.verify(token, () -> isForThisGateNow(claims), workers)
                .flatMap(key -> permitted(key, claims, records));
    }

    /** Checked before keys are fetched: an expired token or one for another audience is refused whoever signed it. */
    private boolean isForThisGateNow(Claims claims) {
        try {
            times.check(claims, clock.instant());
            JwtTokenVerifier.requireAudience(claims, List.of(audience), true);
            return true;
        } catch (RefusedTokenException refused) {
            return false;
        }
    }

    private Mono<Verification> permitted(VerificationKey key, Claims claims, VerificationRecords records) {
        Instant until = times.check(claims, clock.instant());
        JwtTokenVerifier.requireAudience(claims, List.of(audience), true);
        if (settings.accessTokensOnly()) {
            ACCESS_TOKEN_CLAIMS.forEach(claims::requireString);
            claims.requireTime("iat");
        }
        String subject = claims.string("sub").orElse("");
        AccountId account = account(claims);
        List<Rule> rules = rules(claims);
        String index = BlockedSubject.index(secrets, name, subject);
        return records.account(account)
                .switchIfEmpty(Mono.error(() -> new RefusedTokenException(DenyReason.ACCOUNT_UNKNOWN,
                        "There is no account " + account + ".")))
                .flatMap(_ -> records.isThere(RecordRef.field(BlockedSubject.key(account), index)))
                .flatMap(blocked -> blocked
                        ? Mono.<Permissions>error(new RefusedTokenException(DenyReason.CREDENTIAL_REVOKED,
                                "The subject of the token is blocked in the account."))
                        : records.permissions(account, rules))
                .map(permissions -> new Verification(
                        new Principal(account, CredentialRecords.idOf(index), permissions),
                        new IssuedIdentity(account, name, subject), until, false,
                        () -> keys.holds(key)));
    }

    private AccountId account(Claims claims) {
        String account = IssuerSettings.present(settings.account())
                .orElseGet(() -> claims.requireIdAt(String.valueOf(settings.accountClaim())));
        if (!AccountId.isValid(account)) {
            throw new RefusedTokenException(DenyReason.ACCOUNT_UNKNOWN,
                    "The token does not contain a valid account ID.");
        }
        return new AccountId(account);
    }

    private List<Rule> rules(Claims claims) {
        DeviceSet devices = IssuerSettings.present(settings.devicesClaim())
                .<DeviceSet>map(claim -> new DeviceSet.Only(devices(claims.idsAt(claim))))
                .orElseGet(DeviceSet.AllOfAccount::new);
        List<Rule> every = List.of(new Rule(new ApiSet.Every(), EnumSet.allOf(Action.class), devices,
                new StreamSet.WholeDevice()));
        return settings.scopesClaim().isBlank()
                ? every
                : Scopes.of(claims.wordsAt(settings.scopesClaim()).orElse(List.of())).narrow(every);
    }

    /** Invalid IDs are ignored: no call can name such a device. */
    private static Set<DeviceId> devices(Optional<List<String>> ids) {
        return ids.orElse(List.of()).stream().filter(DeviceId::isValid).map(DeviceId::new).collect(Collectors.toSet());
    }
}
