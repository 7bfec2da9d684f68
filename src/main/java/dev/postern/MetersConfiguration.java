package dev.postern;

import dev.postern.audit.AuditLog;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Issuers;
import dev.postern.authentication.RecordCache;
import dev.postern.decision.RecentDecisions;
import dev.postern.issuance.ExpiringWatch;
import dev.postern.jose.CryptoWorkers;
import dev.postern.license.LearnedDevices;
import dev.postern.license.LicenseCheck;
import dev.postern.license.LicenseWatch;
import dev.postern.search.NameIndexes;
import dev.postern.store.AccountWork;
import dev.postern.store.ChangeView;
import dev.postern.store.ManagementWorkers;
import dev.postern.store.RedisStore;
import dev.postern.store.Replication;
import dev.postern.store.StoreState;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import dev.postern.telemetry.StoreMeters;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.CredentialCalls;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The meters of decisions, Redis, caches, workers and licenses, and the sources of their values. */
@Configuration(proxyBeanMethods = false)
class MetersConfiguration {
    @Bean
    StoreMeters storeMeters(MeterRegistry registry, RedisStore redis, RecordCache records, Replication replication) {
        StoreMeters meters = new StoreMeters(registry);
        ChangeView view = redis.changes().view();
        meters.watchConnection(redis::inFlight, redis::failures, redis.unreadable()::uses, redis::isConnected);
        RedisStore management = redis.management();
        meters.watchManagement(management::inFlight, management::failures, management::isConnected);
        redis.timeCommands(meters.commandTime("decisions"));
        management.timeCommands(meters.commandTime("management"));
        for (StoreState state : StoreState.values()) {
            meters.watchState(state.word(), () -> view.state() == state);
        }
        meters.watchChanges(() -> view.staleness().toNanos() / 1e9, redis.changes()::unsent, view::gaps);
        meters.watchReplicas(replication::unconfirmed);
        meters.watchCache(records::size, records::bytes, records::hits, records::misses, records::loads);
        return meters;
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
    GateMeters gateMeters(MeterRegistry registry, Authenticator authenticator, Issuers issuers,
            @Qualifier("verifiers") CryptoWorkers verifiers, @Qualifier("keyMakers") CryptoWorkers keyMakers,
            ActiveDevices activeDevices, CredentialCalls credentialCalls, ManagementWorkers managementWorkers,
            AccountWork work, AuditLog audit, RecentDecisions recent, NameIndexes names, ExpiringWatch expiring) {
        GateMeters meters = new GateMeters(registry);
        meters.watchRemembered(authenticator::remembered, authenticator::rememberedHits,
                authenticator::rememberedMisses);
        meters.watchWorkers("verify", verifiers::waiting, verifiers::refused);
        meters.watchWorkers("key-maker", keyMakers::waiting, keyMakers::refused);
        // These workers refuse nothing: their queue is limited by the number of lists and changes in progress.
        meters.watchWorkers("management", managementWorkers::waiting, () -> 0);
        meters.watchWorkers("lists", work.lists()::waiting, work.lists()::refused);
        meters.watchWorkers("changes", work.changes()::waiting, work.changes()::refused);
        meters.watchWorkers("searches", work.searches()::waiting, work.searches()::refused);
        meters.watchWorkers("search-loads", work.loads()::waiting, work.loads()::refused);
        meters.watchWorkers("audit", audit::waiting, audit::refused);
        meters.watchIssuers(issuers::fetches, issuers::failures);
        meters.watchActiveDevices(activeDevices::pending, activeDevices::dropped);
        meters.watchCredentialCalls(credentialCalls::pending, credentialCalls::dropped);
        meters.watchExpiring(expiring::expiring);
        meters.watchNames(names::size, names::memory);
        meters.watchRecentDecisions(recent::kept, recent::skipped);
        return meters;
    }
}
