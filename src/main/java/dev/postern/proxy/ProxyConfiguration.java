package dev.postern.proxy;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.OwnCalls;
import dev.postern.backend.Backends;
import dev.postern.catalog.Catalog;
import dev.postern.credential.Authenticator;
import dev.postern.license.ActiveDevices;
import dev.postern.license.LearnedDevices;
import dev.postern.license.LicenseCheck;
import dev.postern.store.CacheSettings;
import dev.postern.store.RedisStore;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** Puts the data plane together. */
@Configuration(proxyBeanMethods = false)
public class ProxyConfiguration {
    /** What the backend does with devices is written down in the background. */
    @Bean
    DeviceListener deviceListener(LearnedDevices devices) {
        return new DeviceListener() {
            @Override
            public void registered(AccountId account, DeviceId device) {
                devices.registered(account, device);
            }

            @Override
            public void removed(AccountId account, DeviceId device) {
                devices.removed(account, device);
            }
        };
    }

    @Bean
    AccessGate accessGate(Authenticator authenticator, LicenseCheck licenseCheck) {
        return new AccessGate(authenticator, licenseCheck);
    }

    @Bean
    StalenessHeader stalenessHeader(RedisStore redis, CacheSettings settings) {
        return new StalenessHeader(redis.changes().view(), settings);
    }

    @Bean
    EarlyRefusals earlyRefusals(Catalog catalog, OwnCalls ownCalls, AccessGate gate, GateMeters meters,
            LicenseMeters licenseMeters, StalenessHeader staleness) {
        return new EarlyRefusals(catalog, ownCalls, gate, new Refusals(meters, licenseMeters), staleness);
    }

    /** Asked for when the server starts, and not when it is configured, which is before there are any meters. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> refuseEarly(ObjectProvider<EarlyRefusals> refusals) {
        return factory -> factory.addRouteProviders(routes -> refusals.getObject().route(routes));
    }

    @Bean
    AccessFilter accessFilter(Catalog catalog, AccessGate gate, ForwardingSettings settings,
            ActiveDevices activeDevices, DeviceListener listener, StalenessHeader staleness, GateMeters meters,
            LicenseMeters licenseMeters, Backends backends) {
        Forwarder forwarder = new Forwarder(settings, backends, new DeviceLearner(listener, meters), meters);
        return new AccessFilter(catalog, gate, new BodyPeek(settings), forwarder,
                new Refusals(meters, licenseMeters), activeDevices, staleness, meters);
    }

    @Bean
    BackendCall backendCall(Backends backends, ObjectProvider<List<HttpHeadersFilter>> headersFilters,
            BackendMeters meters) {
        return new BackendCall(backends, headersFilters, meters);
    }

    /** The gateway has it only together with a routing filter of its own. */
    @Bean
    NettyWriteResponseFilter responseWriter(GatewayProperties gateway,
            ObjectProvider<List<HttpHeadersFilter>> headersFilters) {
        return new NettyWriteResponseFilter(gateway.getStreamingMediaTypes(), headersFilters);
    }

    @Bean
    BackendUrlFilter backendUrlFilter() {
        return new BackendUrlFilter();
    }

    @Bean
    BackendHeaders backendHeaders(ForwardingSettings settings) {
        return new BackendHeaders(settings.trustedProxies());
    }

    @Bean
    StreamSlots streamSlots(Backends backends, GateMeters meters) {
        meters.watchStreams(backends::openStreams);
        return new StreamSlots(backends);
    }

    @Bean
    CatalogRoutes catalogRoutes(Catalog catalog, CommonBackend commonBackend) {
        return new CatalogRoutes(catalog, commonBackend.address());
    }

    @Bean
    CatalogRoutes.PosternCatalogRoutePredicateFactory catalogPredicate(Catalog catalog, CatalogRoutes routes) {
        return new CatalogRoutes.PosternCatalogRoutePredicateFactory(catalog, routes);
    }

    @Bean
    GateErrors gateErrors(GateMeters meters) {
        return new GateErrors(meters);
    }

    @Bean
    RefusedCalls refusedCalls(GateMeters meters) {
        return new RefusedCalls(meters);
    }

    @Bean
    UnparsableTargets unparsableTargets(GateMeters meters) {
        return new UnparsableTargets(meters);
    }

    /** Event loops of this gate alone: the ones that all of a process share end with the first that closes. */
    @Bean
    ReactorResourceFactory eventLoops() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> LoopResources.create("postern"));
        return resources;
    }

    /** A bound on the silence within a request, for the public port only. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> clientBounds(ForwardingSettings settings) {
        return factory -> factory.addServerCustomizers(server -> server.readTimeout(settings.idleTimeout()));
    }
}
