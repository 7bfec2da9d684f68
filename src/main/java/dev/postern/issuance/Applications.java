package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.account.AccountLists;
import dev.postern.account.ChangeRefusedException;
import dev.postern.account.KeyGenerator;
import dev.postern.account.Page;
import dev.postern.credential.Application;
import dev.postern.credential.CredentialRecords;
import dev.postern.credential.PresentedCredential;
import dev.postern.credential.TokenSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.Scripts;
import dev.postern.store.SecretKeys;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Creates, lists, changes and authenticates the applications of an account. Fails with {@link ChangeRefusedException}
 * if a change is not possible.
 */
public final class Applications implements NamedCredentials<Applications.Listed> {
    private static final int KEY_BYTES = 16;
    private static final int SECRET_BYTES = 32;
    private static final String NOTE_USE = Scripts.read("/dev/postern/issuance/note-use.lua");

    private final RedisStore redis;
    private final SecretKeys secrets;
    private final CredentialRecords credentials;
    private final Listing<Application> listing;
    private final ManagedCredentials<Application> applications;
    private final TokenSettings settings;
    private final Clock clock;

    public Applications(RedisStore redis, AccountLists lists, SecretKeys secrets, Clock clock, TokenSettings settings) {
        this.redis = redis;
        this.secrets = secrets;
        this.credentials = new CredentialRecords(redis, secrets);
        this.clock = clock;
        this.settings = settings;
        this.listing = new Listing<>(redis, credentials, lists.stored(), clock, ListKind.APPLICATIONS,
                Application.class,
                settings.maxPerAccount());
        this.applications = new ManagedCredentials<>(ListKind.APPLICATIONS, lists, listing,
                new CredentialRemoval(redis, secrets, clock), Optional.empty(), settings.maxPerAccount());
    }

    /** An application with its key. */
    public record Listed(String id, Application application, PresentedCredential key, List<SecretUse> secrets) {
        public Listed {
            secrets = List.copyOf(secrets);
        }
    }

    /**
     * The state of a secret.
     *
     * @param created  when it was created
     * @param until    when it stops being valid; empty for the current secret
     * @param lastUsed when it was last used to get a token; empty if never
     */
    public record SecretUse(Instant created, Optional<Instant> until, Optional<Instant> lastUsed) {}

    /** An application with its newly generated secret. The secret cannot be shown again. */
    public record Issued(Listed listed, PresentedCredential secret) {}

    /**
     * An application that asks for a token.
     *
     * @param secret when the secret that it presented was made; empty if it presented none
     */
    public record Client(String index, Application application, Optional<Instant> secret) {}

    /** Creates an application. */
    public Mono<Issued> create(AccountId account, String name, Application.Platform platform, List<Rule> rules,
            Limits limits) {
        record Made(String index, Application application, String secret) {}
        return Mono.fromSupplier(() -> {
            String key = KeyGenerator.urlSafe(KEY_BYTES);
            String index = keyIndex(key);
            String secret = KeyGenerator.urlSafe(SECRET_BYTES);
            Instant now = now();
            return new Made(index, new Application(account, name, now, true, platform, rules,
                    secrets.seal(key, keyContext(index)),
                    new Application.Secret(secretIndex(index, secret), now), Optional.empty(), limits), secret);
        }).subscribeOn(Schedulers.boundedElastic())
                .flatMap(made -> applications.add(made.index(), made.application()).flatMap(this::show)
                        .map(listed -> new Issued(listed, new PresentedCredential(made.secret()))));
    }

    @Override
    public Mono<Page<Listed>> list(AccountId account, CredentialFilter filter, Page.Request page) {
        return applications.list(account, filter, page).flatMap(
                found -> Flux.fromIterable(found.items()).concatMap(this::show).collectList()
                        .map(shown -> new Page<>(found.totalCount(), shown)));
    }

    @Override
    public Mono<Listed> require(AccountId account, String id) {
        return applications.require(account, id).flatMap(this::show);
    }

    Mono<Listing.Entry<Application>> requireEntry(AccountId account, String id) {
        return applications.require(account, id);
    }

    /** Replaces the name, the rules, the enabled state and the limits of an application. */
    public Mono<Listed> replace(AccountId account, String id, String name, boolean enabled, List<Rule> rules,
            UnaryOperator<Limits> limits) {
        return applications
                .change(account, id,
                        application -> application.with(name, enabled, rules, limits.apply(application.limits())))
                .flatMap(this::show);
    }

    @Override
    public Mono<Void> delete(AccountId account, String id) {
        return applications.delete(account, id);
    }

    /** Generates a new secret. The current secret stays valid for a while; an even older one is revoked at once. */
    public Mono<Issued> replaceSecret(AccountId account, String id) {
        return replaceSecret(account, id, settings.secretOverlap(), _ -> {});
    }

    /** The same, but refused while an old secret is still valid: whoever has it would be shut out. */
    public Mono<Issued> rotate(AccountId account, String id, Duration overlap) {
        return replaceSecret(account, id, overlap, application -> SecretRotation.requireNoOld(application, now()));
    }

    /** Ends the time in which two secrets are valid. */
    public Mono<Listed> endRotation(AccountId account, String id, Revoked revoked) {
        return applications.change(account, id, application -> {
            revoked.requireOld(application, now());
            return switch (revoked) {
                case OLD -> application.withoutPrevious();
                case NEW -> application.withoutCurrent();
            };
        }).flatMap(this::show);
    }

    private Mono<Issued> replaceSecret(AccountId account, String id, Duration overlap, Consumer<Application> check) {
        return Mono.fromSupplier(() -> KeyGenerator.urlSafe(SECRET_BYTES)).subscribeOn(Schedulers.boundedElastic())
                .flatMap(secret -> applications.require(account, id)
                        .flatMap(entry -> {
                            Instant now = now();
                            Application.Secret made = new Application.Secret(secretIndex(entry.index(), secret), now);
                            return applications.change(account, id, application -> {
                                check.accept(application);
                                return application.withSecret(made, now.plus(overlap));
                            });
                        })
                        .flatMap(this::show)
                        .map(listed -> new Issued(listed, new PresentedCredential(secret))));
    }

    private Mono<Listed> show(Listing.Entry<Application> entry) {
        Application application = entry.credential();
        List<Application.Secret> all = new ArrayList<>(List.of(application.secret()));
        List<Optional<Instant>> untils = new ArrayList<>(List.of(Optional.empty()));
        application.previous().filter(previous -> now().isBefore(previous.until())).ifPresent(previous -> {
            all.add(previous.secret());
            untils.add(Optional.of(previous.until()));
        });
        String key = ApplicationKeys.secretsUsed(application.account(), entry.index());
        return redis.run(commands -> commands.hmget(key,
                all.stream().map(Applications::useField).toArray(String[]::new))).map(used -> {
                    List<SecretUse> uses = new ArrayList<>();
                    for (int i = 0; i < all.size(); i++) {
                        uses.add(new SecretUse(all.get(i).created(), untils.get(i), used.get(i).hasValue()
                                ? Optional.of(Instant.ofEpochMilli(Long.parseLong(used.get(i).getValue())))
                                : Optional.empty()));
                    }
                    return new Listed(entry.id(), application, new PresentedCredential(
                            secrets.open(application.sealedKey(), keyContext(entry.index()))), uses);
                });
    }

    /** The application with this key, even if it is disabled; empty if there is none. */
    Mono<Client> find(String appKey) {
        String index = keyIndex(appKey);
        return credentials.find(index).ofType(Application.class)
                .map(found -> new Client(index, found, Optional.empty()));
    }

    /**
     * The application with this key and secret; empty if they do not match, or the application is disabled or has
     * expired. Fails with {@link AddressRefusedException} if it is limited to other networks.
     *
     * @param address where the client calls from; null if that is unknown
     */
    public Mono<Client> authenticate(String appKey, PresentedCredential secret, @Nullable InetAddress address) {
        return find(appKey).filter(client -> client.application().isUsable(now())).flatMap(client -> {
            String presented = secretIndex(client.index(), secret.secret());
            Application application = client.application();
            Optional<Application.Secret> matching = isSame(presented, application.secret())
                    ? Optional.of(application.secret())
                    : application.previous().filter(previous -> now().isBefore(previous.until()))
                            .map(Application.Previous::secret).filter(old -> isSame(presented, old));
            matching.ifPresent(_ -> AddressRefusedException.requirePermitted(application.limits(), address));
            return Mono.justOrEmpty(matching).flatMap(used -> Scripts
                    .run(redis, NOTE_USE,
                            new String[]{ListKind.APPLICATIONS.key(application.account()),
                                    ApplicationKeys.secretsUsed(application.account(), client.index())},
                            client.index(), useField(used), Long.toString(clock.millis()))
                    .thenReturn(new Client(client.index(), application, Optional.of(used.created()))));
        });
    }

    private static boolean isSame(String presented, Application.Secret secret) {
        return MessageDigest.isEqual(presented.getBytes(StandardCharsets.US_ASCII),
                secret.index().getBytes(StandardCharsets.US_ASCII));
    }

    private static String useField(Application.Secret secret) {
        return secret.index().substring(0, 16);
    }

    private String keyIndex(String appKey) {
        return secrets.index("app-key", appKey);
    }

    private String secretIndex(String index, String secret) {
        return secrets.index("app-secret", index + " " + secret);
    }

    static String keyContext(String index) {
        return "app-key:" + index;
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}
