package dev.postern.management;

import dev.postern.issuance.Accounts;
import dev.postern.license.DeviceList;
import dev.postern.license.Devices;
import dev.postern.license.LicenseExtensions;
import dev.postern.license.LicenseLedger;
import dev.postern.license.LicenseManagement;
import dev.postern.license.Shares;
import dev.postern.transfer.AccountTransfer;
import dev.postern.usage.ActiveDevices;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Routes for devices, licenses and usage, and for exports and imports. */
@Configuration(proxyBeanMethods = false)
class DeviceRoutesConfiguration {
    /** Lines are parsed off the event loops, because a window of them takes long. */
    @Bean(destroyMethod = "dispose")
    Scheduler importWorkers() {
        return Schedulers.newBoundedElastic(2, 64, "postern-import");
    }

    @Bean
    RouterFunction<ServerResponse> devicesRoutes(Accounts accounts, Devices devices, DeviceList list, Shares shares) {
        return new DevicesEndpoint(accounts, devices, list, shares).routes();
    }

    @Bean
    RouterFunction<ServerResponse> deviceImportRoutes(Accounts accounts, Devices devices,
            @Qualifier("importWorkers") Scheduler importWorkers) {
        return new DeviceImportEndpoint(accounts, devices, importWorkers).routes();
    }

    @Bean
    RouterFunction<ServerResponse> exportRoutes(Accounts accounts, AccountTransfer transfer) {
        return new ExportEndpoint(accounts, transfer.exporter()).routes();
    }

    @Bean
    RouterFunction<ServerResponse> importRoutes(AccountTransfer transfer,
            @Qualifier("importWorkers") Scheduler importWorkers) {
        return new ImportEndpoint(transfer.importer(), importWorkers).routes();
    }

    @Bean
    RouterFunction<ServerResponse> licenseRoutes(Accounts accounts, LicenseManagement licenses,
            LicenseExtensions extensions,
            LicenseLedger ledger) {
        return new LicenseEndpoint(accounts, licenses, extensions, ledger).routes();
    }

    @Bean
    RouterFunction<ServerResponse> usageRoutes(Accounts accounts, ActiveDevices devices, Clock clock) {
        return new UsageEndpoint(accounts, devices, clock).routes();
    }
}
