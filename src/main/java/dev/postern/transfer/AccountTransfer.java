package dev.postern.transfer;

import dev.postern.access.DeviceGroup;
import dev.postern.account.DeviceGroups;
import dev.postern.credential.Application;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.BlockedSubjects;
import dev.postern.issuance.RestoredAccounts;
import dev.postern.issuance.RestoredAuthcodes;
import dev.postern.issuance.RestoredCredentials;
import dev.postern.issuance.Terminals;
import dev.postern.license.Devices;
import dev.postern.license.LicenseManagement;
import dev.postern.license.RestoredDevices;
import dev.postern.license.Shares;
import java.util.List;

/** Exports and imports accounts. */
public final class AccountTransfer {
    private final Exporter exporter;
    private final Importer importer;

    /** The stores of credentials, authcodes and blocked subjects, and the limits on credentials. */
    public record Credentials(RestoredCredentials.Store store, Terminals terminals, BlockedSubjects subjects,
            int maxApiKeys, int maxOfOtherKinds) {}

    /** Where devices, licenses and shares are stored. */
    public record Fleet(DeviceGroups groups, Devices devices, RestoredDevices restored, Shares shares,
            LicenseManagement licenses) {}

    public AccountTransfer(Accounts accounts, Credentials credentials, Fleet fleet) {
        RestoredCredentials.Store store = credentials.store();
        int max = credentials.maxOfOtherKinds();
        Secrets secrets = new Secrets(store.secrets());
        RestoredAccounts restored = new RestoredAccounts(store.redis(), store.secrets());
        RestoredCredentials<Application> applications = RestoredCredentials.applications(store, max);
        TransferParts parts = new TransferParts(List.of(
                new AccountLines(restored, accounts, secrets),
                new GroupLines(fleet.groups(), DeviceGroup.Kind.PROJECT),
                new GroupLines(fleet.groups(), DeviceGroup.Kind.USER),
                new LicenseLines(fleet.licenses()),
                new DeviceLines(fleet.restored(), fleet.devices(), fleet.licenses()),
                new CredentialLines<>(ResourceKind.API_KEY,
                        RestoredCredentials.apiKeys(store, credentials.maxApiKeys()), secrets),
                new CredentialLines<>(ResourceKind.STATIC_TOKEN, RestoredCredentials.staticTokens(store, max), secrets),
                new CredentialLines<>(ResourceKind.APPLICATION, applications, secrets),
                new AuthcodeLines(new RestoredAuthcodes(applications, store, credentials.terminals()), secrets),
                new CredentialLines<>(ResourceKind.RSA_TOKEN, RestoredCredentials.rsaTokens(store, max), secrets),
                new CredentialLines<>(ResourceKind.JWT_TOKEN, RestoredCredentials.jwtTokens(store, max), secrets),
                new BlockedSubjectLines(credentials.subjects()),
                new ShareLines(fleet.shares(), fleet.restored(), restored)));
        this.exporter = new Exporter(parts, restored, store.secrets(), store.clock());
        this.importer = new Importer(parts, restored);
    }

    public Exporter exporter() {
        return exporter;
    }

    public Importer importer() {
        return importer;
    }
}
