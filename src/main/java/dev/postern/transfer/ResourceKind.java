package dev.postern.transfer;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of resources in a document, in the order in which they can be created. */
public enum ResourceKind {
    ACCOUNT,
    PROJECT,
    USER,
    LICENSE,
    DEVICE,
    API_KEY,
    STATIC_TOKEN,
    APPLICATION,
    AUTHCODE,
    RSA_TOKEN,
    JWT_TOKEN,
    BLOCKED_SUBJECT,
    /** A device that is shared with another account, which must exist. */
    SHARE;

    /** The name in documents. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<ResourceKind> named(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }
}
