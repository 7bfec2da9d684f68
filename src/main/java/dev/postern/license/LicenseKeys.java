package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.account.AccountRecord;
import dev.postern.account.DeviceGroups;
import dev.postern.account.StoredBytes;
import dev.postern.search.NameJournal;

/** The Redis keys of an account's devices and license, all in the slot of the account. */
final class LicenseKeys {
    private LicenseKeys() {}

    /** All keys, in the order documented in {@code seats.lua}. */
    static String[] of(AccountId account) {
        return new String[]{AccountRecord.key(account), license(account), devices(account), details(account),
                ledger(account), seatDays(account), received(account), shares(account),
                DeviceGroups.key(account, DeviceGroup.Kind.PROJECT),
                DeviceGroups.key(account, DeviceGroup.Kind.USER), claims(account),
                StoredBytes.key(account), journal(account)};
    }

    static String license(AccountId account) {
        return key(account, "license");
    }

    /** A sorted set: devices by seat number, infinite for devices without a seat. */
    static String devices(AccountId account) {
        return key(account, "devices");
    }

    static String details(AccountId account) {
        return DeviceGroups.deviceDetails(account);
    }

    static String ledger(AccountId account) {
        return key(account, "license-ledger");
    }

    static String seatDays(AccountId account) {
        return key(account, "seat-days");
    }

    static String received(AccountId account) {
        return key(account, "devices-received");
    }

    static String shares(AccountId account) {
        return key(account, "devices-shared");
    }

    static String extensions(AccountId account) {
        return key(account, "license-extensions");
    }

    static String claims(AccountId account) {
        return key(account, "device-claims");
    }

    /** The journal of the titles of its devices. */
    static String journal(AccountId account) {
        return NameJournal.key(devices(account));
    }

    private static String key(AccountId account, String what) {
        return "postern:{" + account + "}:" + what;
    }
}
