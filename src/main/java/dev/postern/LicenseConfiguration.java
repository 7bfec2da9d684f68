package dev.postern;

import dev.postern.account.AccountLists;
import dev.postern.account.DeviceGroups;
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
import dev.postern.protocol.onenet.DeviceTitles;
import dev.postern.store.RedisStore;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Devices and licenses. */
@Configuration(proxyBeanMethods = false)
class LicenseConfiguration {
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
    DeviceList deviceList(RedisStore redis, DeviceGroups groups, AccountLists lists) {
        return new DeviceList(redis.management(), groups, lists);
    }

    /** For devices that calls register and wait for: uses the same connection as the decisions. */
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
    LicenseManagement licenseManagement(RedisStore redis, Devices devices, LicenseSettings settings, Clock clock) {
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
}
