package dev.postern.audit;

import java.util.Arrays;
import java.util.Locale;

/**
 * Who makes a change.
 *
 * @param name   the name of the operator, with the subject at the identity provider if there is one; the ID of the
 *               account whose master key was used, or the ID of the application
 * @param source the address of the client, as text
 */
public record Actor(Kind kind, String name, String source) {
    /** How the actor was authenticated. */
    public enum Kind {
        /** The operator token of the settings. */
        OPERATOR_TOKEN,
        /** An operator with a name and a password. */
        OPERATOR,
        /** An operator who signed in with an identity provider. */
        OIDC,
        /** The holder of an account's master key. */
        MASTER_KEY,
        /** An application: by its key and secret, or, for its terminals, by its key. */
        APPLICATION;

        /** The kind in records and JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind of(String word) {
            return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst().orElseThrow();
        }
    }
}
