package dev.postern;

import dev.postern.account.AccountLists;
import dev.postern.account.DeviceGroups;
import dev.postern.credential.TokenSettings;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.BlockedSubjects;
import dev.postern.issuance.RestoredCredentials;
import dev.postern.issuance.Terminals;
import dev.postern.license.DeviceList;
import dev.postern.license.Devices;
import dev.postern.license.LicenseManagement;
import dev.postern.license.LicenseSettings;
import dev.postern.license.RestoredDevices;
import dev.postern.license.Shares;
import dev.postern.protocol.onenet.OneNetSettings;
import dev.postern.store.RedisStore;
import dev.postern.store.SecretKeys;
import dev.postern.transfer.AccountTransfer;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Export and import of accounts. */
@Configuration(proxyBeanMethods = false)
class TransferConfiguration {
    @Bean
    AccountTransfer.Credentials transferredCredentials(RedisStore redis, AccountLists lists, SecretKeys secrets,
            Clock clock, Terminals terminals, BlockedSubjects subjects, OneNetSettings onenet, TokenSettings tokens) {
        return new AccountTransfer.Credentials(
                new RestoredCredentials.Store(redis.management(), lists, secrets, clock), terminals, subjects,
                onenet.maxKeysPerAccount(), tokens.maxPerAccount());
    }

    @Bean
    AccountTransfer.Fleet transferredFleet(RedisStore redis, DeviceGroups groups, Devices devices, DeviceList list,
            Shares shares, LicenseManagement licenses, LicenseSettings settings, Clock clock) {
        return new AccountTransfer.Fleet(groups, devices,
                new RestoredDevices(redis.management(), list, devices, settings, clock), shares, licenses);
    }

    @Bean
    AccountTransfer accountTransfer(Accounts accounts, AccountTransfer.Credentials credentials,
            AccountTransfer.Fleet fleet) {
        return new AccountTransfer(accounts, credentials, fleet);
    }
}
