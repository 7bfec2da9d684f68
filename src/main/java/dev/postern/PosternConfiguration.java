package dev.postern;

import dev.postern.backend.Backends;
import dev.postern.catalog.BackendAddress;
import dev.postern.catalog.Catalog;
import dev.postern.credential.AccessTokens;
import dev.postern.credential.Accounts;
import dev.postern.credential.ApiKeys;
import dev.postern.credential.Applications;
import dev.postern.credential.Authenticator;
import dev.postern.credential.BlockedSubjects;
import dev.postern.credential.DeviceGroups;
import dev.postern.credential.Issuer;
import dev.postern.credential.Issuers;
import dev.postern.credential.JwtTokens;
import dev.postern.credential.RecordCache;
import dev.postern.credential.RsaTokens;
import dev.postern.credential.StaticTokens;
import dev.postern.credential.StoredBytes;
import dev.postern.credential.Terminals;
import dev.postern.credential.TokenSettings;
import dev.postern.inbound.CorsSettings;
import dev.postern.jose.CryptoWorkers;
import dev.postern.jose.FetchBudget;
import dev.postern.jose.IssuerKeySettings;
import dev.postern.license.ActiveDevices;
import dev.postern.license.DeviceList;
import dev.postern.license.Devices;
import dev.postern.license.LearnedDevices;
import dev.postern.license.LicenseCheck;
import dev.postern.license.LicenseExtensions;
import dev.postern.license.LicenseLedger;
import dev.postern.license.LicenseManagement;
import dev.postern.license.LicenseSettings;
import dev.postern.license.LicenseWatch;
import dev.postern.license.Shares;
import dev.postern.management.OperatorToken;
import dev.postern.protocol.oauth.OAuthSettings;
import dev.postern.protocol.onenet.DeviceTitles;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.proxy.CommonBackend;
import dev.postern.proxy.ForwardingSettings;
import dev.postern.store.AccountWork;
import dev.postern.store.CacheSettings;
import dev.postern.store.ChangeView;
import dev.postern.store.DataDirectory;
import dev.postern.store.GateIdentity;
import dev.postern.store.ListingSettings;
import dev.postern.store.ManagementWorkers;
import dev.postern.store.OutageSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.Replication;
import dev.postern.store.SecretKeys;
import dev.postern.store.SecretKeysSettings;
import dev.postern.store.StoreSettings;
import dev.postern.store.StoreState;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import dev.postern.telemetry.StoreMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.http.client.HttpClient;

/** Hands each part its settings and the parts that it stands on. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PosternProperties.class)
class PosternConfiguration {
    private static final int MAX_WAITING_KEYS = 16;

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    DataDirectory dataDirectory(PosternProperties properties) {
        return new DataDirectory(Path.of(properties.dataDir()));
    }

    @Bean
    SecretKeysSettings secretKeysSettings(PosternProperties properties) {
        return properties.secretKeys();
    }

    @Bean
    StoreSettings storeSettings(PosternProperties properties) {
        return properties.store();
    }

    @Bean
    ListingSettings listingSettings(PosternProperties properties) {
        return properties.listing();
    }

    @Bean
    CacheSettings cacheSettings(PosternProperties properties) {
        return properties.cache();
    }

    @Bean
    OutageSettings outageSettings(PosternProperties properties) {
        return properties.outage();
    }

    @Bean
    GateIdentity gateIdentity(Clock clock) {
        return GateIdentity.of(PosternConfiguration.class, clock.instant());
    }

    @Bean
    StoreMeters storeMeters(MeterRegistry registry, RedisStore redis, RecordCache records, Replication replication) {
        StoreMeters meters = new StoreMeters(registry);
        ChangeView view = redis.changes().view();
        meters.watchConnection(redis::inFlight, redis::failures, redis.unreadable()::uses, redis::isConnected);
        RedisStore management = redis.management();
        meters.watchManagement(management::inFlight, management::failures, management::isConnected);
        for (StoreState state : StoreState.values()) {
            meters.watchState(state.word(), () -> view.state() == state);
        }
        meters.watchChanges(() -> view.staleness().toNanos() / 1e9, redis.changes()::unsent, view::gaps);
        meters.watchReplicas(replication::unconfirmed);
        meters.watchCache(records::size, records::bytes, records::hits, records::misses);
        return meters;
    }

    @Bean
    ForwardingSettings forwardingSettings(PosternProperties properties) {
        return properties.forwarding();
    }

    @Bean
    BackendMeters backendMeters(MeterRegistry registry) {
        return new BackendMeters(registry);
    }

    @Bean
    Backends backends(PosternProperties properties, SslBundles bundles, ReactorResourceFactory eventLoops,
            BackendMeters meters) {
        return new Backends(properties.backends(), properties.forwarding().connections(), bundles,
                eventLoops.getLoopResources(), meters);
    }

    @Bean
    CorsSettings corsSettings(PosternProperties properties) {
        return properties.cors();
    }

    @Bean
    OneNetSettings oneNetSettings(PosternProperties properties) {
        return properties.onenet();
    }

    @Bean
    OAuthSettings oauthSettings(PosternProperties properties) {
        return properties.oauth();
    }

    @Bean
    TokenSettings tokenSettings(PosternProperties properties) {
        return properties.tokens();
    }

    @Bean
    Catalog catalog(PosternProperties properties) {
        return Catalog.compile(properties.apis());
    }

    @Bean
    CommonBackend commonBackend(PosternProperties properties) {
        return new CommonBackend(Optional.ofNullable(properties.backend()).filter(address -> !address.isBlank())
                .map(address -> BackendAddress.parse("postern.backend", address)));
    }

    @Bean
    OperatorToken operatorToken(PosternProperties properties, DataDirectory data) {
        return OperatorToken.load(properties.operatorToken(), data.resolve("operator-token"));
    }

    @Bean
    LicenseSettings licenseSettings(PosternProperties properties) {
        return properties.license();
    }

    @Bean
    LicenseWatch licenseWatch(RedisStore redis, LicenseSettings settings, Clock clock) {
        return new LicenseWatch(redis.management(), settings, clock);
    }

    @Bean
    Shares shares(RedisStore redis, LicenseSettings settings, Clock clock) {
        return new Shares(redis.management(), settings, clock);
    }

    @Bean
    Devices devices(RedisStore redis, Shares shares, LicenseSettings settings, LicenseWatch watch, Clock clock) {
        return new Devices(redis.management(), shares, settings, watch, clock);
    }

    @Bean
    DeviceList deviceList(RedisStore redis, DeviceGroups groups) {
        return new DeviceList(redis.management(), groups);
    }

    /** For what calls register and wait for: on the connection of the decisions. */
    @Bean(defaultCandidate = false)
    Devices devicesOfCalls(RedisStore redis, LicenseSettings settings, LicenseWatch watch, Clock clock) {
        return new Devices(redis, new Shares(redis, settings, clock), settings, watch, clock);
    }

    @Bean
    DeviceTitles deviceTitles(DeviceList devices) {
        return devices::titles;
    }

    @Bean
    LearnedDevices learnedDevices(@Qualifier("devicesOfCalls") Devices devices) {
        return new LearnedDevices(devices);
    }

    @Bean
    LicenseManagement licenses(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
        return new LicenseManagement(redis.management(), devices, settings, clock);
    }

    @Bean
    LicenseExtensions licenseExtensions(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
        return new LicenseExtensions(redis.management(), devices, settings, clock);
    }

    @Bean
    LicenseLedger licenseLedger(RedisStore redis) {
        return new LicenseLedger(redis.management());
    }

    @Bean
    LicenseCheck licenseCheck(RedisStore redis, @Qualifier("devicesOfCalls") Devices devices, LicenseSettings settings,
            Clock clock) {
        return new LicenseCheck(redis, devices, settings, clock);
    }

    @Bean
    LicenseMeters licenseMeters(MeterRegistry registry, LicenseWatch watch, LicenseCheck licenseCheck,
            LearnedDevices learned) {
        LicenseMeters meters = new LicenseMeters(registry);
        watch.listen(near -> meters.nearLimit(near.stream()
                .map(one -> new LicenseMeters.NearLimit(one.account(), one.seats(), one.used(), one.waiting()))
                .toList()));
        meters.watch(watch::expiring, licenseCheck::remembered);
        meters.watchLearning(learned::running, learned::failures);
        return meters;
    }

    @Bean
    Accounts accounts(RedisStore redis, SecretKeys secrets, Clock clock, Devices devices,
            ActiveDevices activeDevices) {
        return new Accounts(redis.management(), secrets, clock,
                account -> devices.deleteAll(account).then(activeDevices.forget(account)));
    }

    @Bean
    StoredBytes storedBytes(RedisStore redis, PosternProperties properties, Clock clock) {
        return new StoredBytes(redis.management(), clock, properties.accounts().maxStoredBytes());
    }

    @Bean
    ApiKeys apiKeys(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock, OneNetSettings settings) {
        return new ApiKeys(redis.management(), stored, secrets, clock, settings.maxKeysPerAccount());
    }

    @Bean
    StaticTokens staticTokens(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock,
            TokenSettings settings) {
        return new StaticTokens(redis.management(), stored, secrets, clock, settings);
    }

    @Bean
    Applications applications(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock,
            TokenSettings settings) {
        return new Applications(redis.management(), stored, secrets, clock, settings);
    }

    @Bean
    AccessTokens accessTokens(RedisStore redis, SecretKeys secrets, Clock clock, TokenSettings settings,
            Catalog catalog) {
        return new AccessTokens(redis.management(), secrets, clock, settings,
                catalog.apis().stream().map(Catalog.Api::id).toList());
    }

    @Bean
    Terminals terminals(RedisStore redis, StoredBytes stored, SecretKeys secrets, Applications applications,
            Clock clock,
            TokenSettings settings) {
        return new Terminals(redis.management(), stored, secrets, applications, clock, settings);
    }

    @Bean
    RsaTokens rsaTokens(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock, TokenSettings settings,
            @Qualifier("keyMakers") CryptoWorkers keyMakers) {
        return new RsaTokens(redis.management(), stored, secrets, clock, settings, keyMakers);
    }

    @Bean
    JwtTokens jwtTokens(RedisStore redis, StoredBytes stored, SecretKeys secrets, Clock clock, TokenSettings settings) {
        return new JwtTokens(redis.management(), stored, secrets, clock, settings);
    }

    @Bean
    BlockedSubjects blockedSubjects(RedisStore redis, StoredBytes stored, SecretKeys secrets, Issuers issuers,
            Clock clock) {
        return new BlockedSubjects(redis.management(), stored, secrets, issuers, clock);
    }

    @Bean
    DeviceGroups deviceGroups(RedisStore redis, StoredBytes stored) {
        return new DeviceGroups(redis.management(), stored);
    }

    @Bean
    ActiveDevices activeDevices(RedisStore redis, Clock clock) {
        return new ActiveDevices(redis.management(), clock, ActiveDevices.Bounds.DEFAULT);
    }

    @Bean
    CryptoWorkers verifiers(TokenSettings settings) {
        return new CryptoWorkers("postern-verify", settings.verifiers(), settings.maxWaiting());
    }

    /** One at a time, and few that wait: a key pair takes up to seconds, and all cores are needed for other things. */
    @Bean
    CryptoWorkers keyMakers() {
        return new CryptoWorkers("postern-key-maker", 1, MAX_WAITING_KEYS);
    }

    @Bean
    Issuers issuers(PosternProperties properties, SecretKeys secrets, TokenSettings settings,
            @Qualifier("verifiers") CryptoWorkers verifiers, Clock clock) {
        FetchBudget budget = FetchBudget.of(properties.issuers().size(), IssuerKeySettings.defaults(), clock);
        HttpClient client = HttpClient.newConnection();
        return new Issuers(properties.issuers().entrySet().stream()
                .map(entry -> Issuer.of(entry.getKey(), entry.getValue(), settings.clockSkew(), budget, client, secrets,
                        verifiers, clock))
                .toList());
    }

    @Bean
    RecordCache recordCache(RedisStore redis, CacheSettings settings) {
        return new RecordCache(redis, settings);
    }

    @Bean
    Authenticator authenticator(RecordCache records, RedisStore redis, SecretKeys secrets, TokenSettings settings,
            Issuers issuers, @Qualifier("verifiers") CryptoWorkers verifiers, Clock clock) {
        return new Authenticator(records, redis, secrets, settings, issuers, verifiers, clock);
    }

    @Bean
    GateMeters gateMeters(MeterRegistry registry, Authenticator authenticator, Issuers issuers,
            @Qualifier("verifiers") CryptoWorkers verifiers, @Qualifier("keyMakers") CryptoWorkers keyMakers,
            ActiveDevices activeDevices, ManagementWorkers managementWorkers, AccountWork work) {
        GateMeters meters = new GateMeters(registry);
        meters.watchRemembered(authenticator::remembered, authenticator::rememberedHits,
                authenticator::rememberedMisses);
        meters.watchWorkers("verify", verifiers::waiting, verifiers::refused);
        meters.watchWorkers("key-maker", keyMakers::waiting, keyMakers::refused);
        // Nothing is refused there: what waits is bounded by lists and changes.
        meters.watchWorkers("management", managementWorkers::waiting, () -> 0);
        meters.watchWorkers("lists", work.lists()::waiting, work.lists()::refused);
        meters.watchWorkers("changes", work.changes()::waiting, work.changes()::refused);
        meters.watchIssuers(issuers::failures);
        meters.watchActiveDevices(activeDevices::pending, activeDevices::dropped);
        return meters;
    }
}
