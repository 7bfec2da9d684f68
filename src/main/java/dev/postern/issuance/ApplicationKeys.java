package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.account.StoredBytes;
import dev.postern.credential.CredentialRecords;

/** The Redis keys of an application's data besides its record. They are in the slot of its account. */
final class ApplicationKeys {
    private ApplicationKeys() {}

    /** Sorted set: indexes of its live access tokens, sorted by expiry. */
    static String tokens(AccountId account, String index) {
        return of(account, index, "tokens");
    }

    /** Hash: when each of its secrets was last used. */
    static String secretsUsed(AccountId account, String index) {
        return of(account, index, "secrets-used");
    }

    /** Hash: its authcodes, by their keyed hash. */
    static String authcodes(AccountId account, String index) {
        return of(account, index, "authcodes");
    }

    /** Hash: the number of terminals admitted with each authcode. */
    static String admitted(AccountId account, String index) {
        return of(account, index, "admitted");
    }

    /** Hash: its terminals by their IDs. */
    static String terminals(AccountId account, String index) {
        return of(account, index, "terminals");
    }

    /**
     * The list of applications, which tells whether the application exists, the account's stored sizes, and all of the
     * above.
     */
    static String[] all(AccountId account, String index) {
        return new String[]{ListKind.APPLICATIONS.key(account), StoredBytes.key(account),
                tokens(account, index), secretsUsed(account, index),
                authcodes(account, index),
                admitted(account, index), terminals(account, index)};
    }

    private static String of(AccountId account, String index, String what) {
        return "postern:{" + account + "}:application:" + CredentialRecords.idOf(index) + ":" + what;
    }
}
