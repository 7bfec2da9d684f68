package dev.postern.management;

import dev.postern.access.DeviceGroup;
import dev.postern.catalog.Catalog;
import dev.postern.credential.Accounts;
import dev.postern.credential.Applications;
import dev.postern.credential.BlockedSubjects;
import dev.postern.credential.DeviceGroups;
import dev.postern.credential.JwtTokens;
import dev.postern.credential.RsaTokens;
import dev.postern.credential.StaticTokens;
import dev.postern.credential.Terminals;
import dev.postern.inbound.ClientPipeline;
import dev.postern.inbound.CorsSettings;
import dev.postern.inbound.Drain;
import dev.postern.inbound.InboundBounds;
import dev.postern.license.ActiveDevices;
import dev.postern.license.DeviceList;
import dev.postern.license.Devices;
import dev.postern.license.LicenseExtensions;
import dev.postern.license.LicenseLedger;
import dev.postern.license.LicenseManagement;
import dev.postern.license.Shares;
import dev.postern.store.AccountWork;
import dev.postern.store.Gates;
import dev.postern.store.Replication;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * Puts the management API on the management port. Spring Boot loads this class into the context of that port alone, which
 * is why nothing in it can be reached on the public one.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
public class ManagementConfiguration {
    private static final int EVENT_LOOPS = 2;

    /** The management port does not share the event loops of the public one: what it reads and writes may be large. */
    @Bean
    ReactorResourceFactory managementEventLoops() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResourcesSupplier(() -> LoopResources.create("postern-management", EVENT_LOOPS, true));
        return resources;
    }

    /** By itself, Spring Boot would take those that a whole process shares. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> ownEventLoops(
            ReactorResourceFactory managementEventLoops) {
        return factory -> factory.setResourceFactory(managementEventLoops);
    }

    @Bean
    OperatorFilter operatorFilter(OperatorToken operatorToken) {
        return new OperatorFilter(operatorToken);
    }

    @Bean
    ListTurns listTurns(AccountWork work) {
        return new ListTurns(work);
    }

    @Bean
    Drain managementDrain(Environment environment) {
        return Drain.of(environment);
    }

    @Bean
    RefusedOperations refusedOperations() {
        return new RefusedOperations();
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> operatorPipeline(
            @Qualifier("managementDrain") Drain drain, Environment environment) {
        return factory -> factory.addServerCustomizers(
                new ClientPipeline(InboundBounds.of(environment), CorsSettings.NONE, drain));
    }

    @Bean
    Receipts receipts(Gates gates, Replication replication) {
        return new Receipts(gates, replication);
    }

    @Bean
    RouterFunction<ServerResponse> gatesRoutes(Gates gates) {
        return new GatesEndpoint(gates).routes();
    }

    @Bean
    ManagementErrors managementErrors(UnreadableRecords unreadable) {
        return new ManagementErrors(unreadable);
    }

    @Bean
    RouterFunction<ServerResponse> accountsRoutes(Accounts accounts) {
        return new AccountsEndpoint(accounts).routes();
    }

    @Bean
    References references(Catalog catalog, DeviceGroups groups) {
        return new References(catalog, groups);
    }

    @Bean
    RouterFunction<ServerResponse> apisRoutes(Catalog catalog) {
        return new ApisEndpoint(catalog).routes();
    }

    @Bean
    RouterFunction<ServerResponse> projectsRoutes(Accounts accounts, DeviceGroups groups) {
        return new DeviceGroupsEndpoint(accounts, groups, DeviceGroup.Kind.PROJECT).routes();
    }

    @Bean
    RouterFunction<ServerResponse> usersRoutes(Accounts accounts, DeviceGroups groups) {
        return new DeviceGroupsEndpoint(accounts, groups, DeviceGroup.Kind.USER).routes();
    }

    @Bean
    RouterFunction<ServerResponse> staticTokensRoutes(Accounts accounts, StaticTokens tokens, References references) {
        return new StaticTokensEndpoint(accounts, tokens, references).routes();
    }

    @Bean
    RouterFunction<ServerResponse> applicationsRoutes(Accounts accounts, Applications applications,
            References references) {
        return new ApplicationsEndpoint(accounts, applications, references).routes();
    }

    @Bean
    RouterFunction<ServerResponse> authcodesRoutes(Accounts accounts, Terminals terminals) {
        return new AuthcodesEndpoint(accounts, terminals).routes();
    }

    @Bean
    RouterFunction<ServerResponse> rsaTokensRoutes(Accounts accounts, RsaTokens tokens, References references,
            Clock clock) {
        return new RsaTokensEndpoint(accounts, tokens, references, clock).routes();
    }

    @Bean
    RouterFunction<ServerResponse> jwtTokensRoutes(Accounts accounts, JwtTokens tokens, References references) {
        return new JwtTokensEndpoint(accounts, tokens, references).routes();
    }

    @Bean
    RouterFunction<ServerResponse> devicesRoutes(Accounts accounts, Devices devices, DeviceList list, Shares shares) {
        return new DevicesEndpoint(accounts, devices, list, shares).routes();
    }

    /** Lines are read beside the event loops: a window of them takes long. */
    @Bean(destroyMethod = "dispose")
    Scheduler importWorkers() {
        return Schedulers.newBoundedElastic(2, 64, "postern-import");
    }

    @Bean
    RouterFunction<ServerResponse> deviceImportRoutes(Accounts accounts, Devices devices,
            @Qualifier("importWorkers") Scheduler importWorkers) {
        return new DeviceImportEndpoint(accounts, devices, importWorkers).routes();
    }

    @Bean
    RouterFunction<ServerResponse> licenseRoutes(Accounts accounts, LicenseManagement licenses,
            LicenseExtensions extensions,
            LicenseLedger ledger) {
        return new LicenseEndpoint(accounts, licenses, extensions, ledger).routes();
    }

    @Bean
    RouterFunction<ServerResponse> blockedSubjectsRoutes(Accounts accounts, BlockedSubjects subjects) {
        return new BlockedSubjectsEndpoint(accounts, subjects).routes();
    }

    @Bean
    RouterFunction<ServerResponse> usageRoutes(Accounts accounts, ActiveDevices devices, Clock clock) {
        return new UsageEndpoint(accounts, devices, clock).routes();
    }
}
