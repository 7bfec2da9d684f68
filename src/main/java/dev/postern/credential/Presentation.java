package dev.postern.credential;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import java.util.List;

/** What the headers of a request present: one credential, or a reason why there is none to verify. */
public sealed interface Presentation {
    /** Longest credential, in characters. */
    int MAX_LENGTH = 8192;

    record Presented(PresentedCredential credential) implements Presentation {}

    record Refused(AccessDecision.Denied denied) implements Presentation {}

    /**
     * Finds the credential. The scheme Bearer is taken in any letter case, and may be left out.
     *
     * @param authorization every value of the header Authorization
     * @param apiKey        every value of the header api-key
     */
    static Presentation read(List<String> authorization, List<String> apiKey) {
        if (authorization.isEmpty() && apiKey.isEmpty()) {
            return refused(DenyReason.CREDENTIAL_MISSING, "Send it as 'Authorization: Bearer <credential>'.");
        }
        if (authorization.size() + apiKey.size() > 1) {
            return refused(DenyReason.CREDENTIAL_AMBIGUOUS,
                    "Send one of the headers Authorization and api-key, once.");
        }
        return apiKey.isEmpty() ? bearer(authorization.getFirst().strip()) : verbatim(apiKey.getFirst().strip());
    }

    private static Presentation bearer(String value) {
        int space = indexOfWhitespace(value);
        if (space < 0) {
            return value.equalsIgnoreCase("Bearer")
                    ? refused(DenyReason.CREDENTIAL_EMPTY,
                            "Nothing follows the word Bearer.")
                    : verbatim(value);
        }
        return value.substring(0, space).equalsIgnoreCase("Bearer")
                ? verbatim(value.substring(space).strip())
                : refused(DenyReason.CREDENTIAL_SCHEME_UNSUPPORTED,
                        "Send it as 'Authorization: Bearer <credential>'.");
    }

    private static int indexOfWhitespace(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) == ' ' || value.charAt(i) == '\t') {
                return i;
            }
        }
        return -1;
    }

    private static Presentation verbatim(String secret) {
        if (secret.isEmpty()) {
            return refused(DenyReason.CREDENTIAL_EMPTY, DenyReason.CREDENTIAL_EMPTY.text());
        }
        if (secret.length() > MAX_LENGTH) {
            return refused(DenyReason.CREDENTIAL_TOO_LONG, DenyReason.CREDENTIAL_TOO_LONG.text());
        }
        for (int i = 0; i < secret.length(); i++) {
            char c = secret.charAt(i);
            // A comma would make one header out of two.
            if (c <= 0x20 || c >= 0x7f || c == ',') {
                return refused(DenyReason.CREDENTIAL_MALFORMED,
                        "A credential is visible ASCII without spaces and commas.");
            }
        }
        return new Presented(new PresentedCredential(secret));
    }

    private static Presentation refused(DenyReason reason, String detail) {
        return new Refused(new AccessDecision.Denied(reason, detail));
    }
}
