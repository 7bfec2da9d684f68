package dev.postern.authentication;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.credential.PresentedCredential;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The credential found in the headers of a request, or the reason why there is none to verify. */
public sealed interface Presentation {
    /** The maximum length of a credential, in characters. */
    int MAX_LENGTH = 8192;
    /** The headers that may hold it. */
    List<CredentialHeader> HEADERS = List.of(CredentialHeader.values());
    /** The scheme in the header Authorization. */
    String BEARER = "Bearer";

    record Presented(PresentedCredential credential) implements Presentation {}

    record Refused(AccessDecision.Denied denied) implements Presentation {}

    /**
     * Finds the credential in the {@linkplain CredentialHeader headers} that may hold one. The scheme Bearer is
     * case-insensitive and optional.
     *
     * @param headers returns the values of a header by its case-insensitive name; null or empty if the request does not
     *                have it
     */
    static Presentation read(Function<String, ? extends @Nullable List<String>> headers) {
        CredentialHeader header = null;
        String value = "";
        for (CredentialHeader candidate : HEADERS) {
            List<String> values = headers.apply(candidate.headerName());
            if (values == null || values.isEmpty()) {
                continue;
            }
            if (header != null || values.size() > 1) {
                return refused(DenyReason.CREDENTIAL_AMBIGUOUS,
                        "Send either Authorization or api-key, and only once.");
            }
            header = candidate;
            value = values.getFirst();
        }
        return switch (header) {
            case null -> refused(DenyReason.CREDENTIAL_MISSING, "Send it as 'Authorization: Bearer <credential>'.");
            case AUTHORIZATION -> bearer(value);
            case API_KEY -> verbatim(value, 0);
        };
    }

    private static Presentation bearer(String value) {
        int from = afterWhitespace(value, 0);
        int to = beforeWhitespace(value, from);
        int space = indexOfBlank(value, from, to);
        boolean isBearer = space - from == BEARER.length()
                && value.regionMatches(true, from, BEARER, 0, BEARER.length());
        if (space == to) {
            return isBearer
                    ? refused(DenyReason.CREDENTIAL_EMPTY,
                            "Nothing follows the word Bearer.")
                    : verbatim(value, from);
        }
        return isBearer
                ? verbatim(value, space)
                : refused(DenyReason.CREDENTIAL_SCHEME_UNSUPPORTED,
                        "Send it as 'Authorization: Bearer <credential>'.");
    }

    private static int afterWhitespace(String value, int from) {
        int at = from;
        while (at < value.length() && Character.isWhitespace(value.charAt(at))) {
            at++;
        }
        return at;
    }

    private static int beforeWhitespace(String value, int from) {
        int at = value.length();
        while (at > from && Character.isWhitespace(value.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    /** The position of the first space or tab, or the end. */
    private static int indexOfBlank(String value, int from, int to) {
        int at = from;
        while (at < to && value.charAt(at) != ' ' && value.charAt(at) != '\t') {
            at++;
        }
        return at;
    }

    /** The text from this position on, without surrounding whitespace. */
    private static Presentation verbatim(String value, int start) {
        int from = afterWhitespace(value, start);
        int to = beforeWhitespace(value, from);
        if (from == to) {
            return refused(DenyReason.CREDENTIAL_EMPTY, DenyReason.CREDENTIAL_EMPTY.text());
        }
        if (to - from > MAX_LENGTH) {
            return refused(DenyReason.CREDENTIAL_TOO_LONG, DenyReason.CREDENTIAL_TOO_LONG.text());
        }
        for (int i = from; i < to; i++) {
            char c = value.charAt(i);
            // A comma can be the result of merging two headers into one.
            if (c <= 0x20 || c >= 0x7f || c == ',') {
                return refused(DenyReason.CREDENTIAL_MALFORMED,
                        "A credential consists of visible ASCII characters without spaces or commas.");
            }
        }
        return new Presented(PresentedCredential.within(value, from, to));
    }

    private static Presentation refused(DenyReason reason, String detail) {
        return new Refused(new AccessDecision.Denied(reason, detail));
    }
}
