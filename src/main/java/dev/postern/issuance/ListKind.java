package dev.postern.issuance;

import dev.postern.access.AccountId;
import dev.postern.search.NameJournal;

/** The lists of credentials that each account has: one sorted set in the account's slot for each kind. */
enum ListKind {
    API_KEYS("api-keys"),
    STATIC_TOKENS("static-tokens"),
    APPLICATIONS("applications"),
    RSA_TOKENS("rsa-tokens"),
    JWT_TOKENS("jwt-tokens");

    private final String plural;

    ListKind(String plural) {
        this.plural = plural;
    }

    String key(AccountId account) {
        return "postern:{" + account + "}:" + plural;
    }

    /** The key of the journal of its names. */
    String journal(AccountId account) {
        return NameJournal.key(key(account));
    }
}
