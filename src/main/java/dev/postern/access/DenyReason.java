package dev.postern.access;

import java.util.Locale;

/**
 * Every way in which the gate does not hand a call on, and the one table of what each looks like to a client. The same
 * word stands in the answer, in the metric and in {@code docs/errors.md}.
 */
public enum DenyReason {
    REQUEST_AMBIGUOUS(400, OAuthError.NONE, 40001, "The request target can be read in more than one way."),
    BODY_UNREADABLE(400, OAuthError.NONE, 40002, "The ids in the body cannot be read."),
    CREDENTIAL_AMBIGUOUS(400, OAuthError.INVALID_REQUEST, 40003, "The request holds more than one credential."),
    CREDENTIAL_EMPTY(400, OAuthError.INVALID_REQUEST, 40004, "The credential is empty."),
    CREDENTIAL_TOO_LONG(400, OAuthError.INVALID_REQUEST, 40005, "The credential is longer than 8 KiB."),
    CREDENTIAL_MALFORMED(400, OAuthError.INVALID_REQUEST, 40006, "The credential holds characters that none has."),
    UPGRADE_INVALID(400, OAuthError.NONE, 40007, "The WebSocket handshake is not valid."),
    CREDENTIAL_MISSING(401, OAuthError.BARE, 40101, "The request holds no credential."),
    CREDENTIAL_SCHEME_UNSUPPORTED(401, OAuthError.BARE, 40102, "The authorization scheme is not Bearer."),
    CREDENTIAL_UNKNOWN(401, OAuthError.INVALID_TOKEN, 40103, "The credential is not known, or no longer."),
    ACCOUNT_SCOPE_REQUIRED(403, OAuthError.INSUFFICIENT_SCOPE, 40301,
            "The call needs a credential for the whole account."),
    DEVICE_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40302, "The credential does not permit this device."),
    ACTION_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40303, "The credential does not permit this method."),
    STREAM_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40304, "The credential does not permit this data stream."),
    OPERATION_UNKNOWN(404, OAuthError.NONE, 40401, "No API has an operation at this path."),
    METHOD_UNKNOWN(405, OAuthError.NONE, 40501, "The operation at this path has no such method."),
    BODY_TIMEOUT(408, OAuthError.NONE, 40801, "The body did not arrive in time."),
    BODY_TOO_LARGE(413, OAuthError.NONE, 41301, "The body is too large to find ids in it."),
    INTERNAL_ERROR(500, OAuthError.NONE, 50001, "The gate failed."),
    RECORD_UNREADABLE(500, OAuthError.NONE, 50002, "The stored record of the credential cannot be read."),
    BACKEND_UNREACHABLE(502, OAuthError.NONE, 50201, "The device backend cannot be reached."),
    BACKEND_FAILED(502, OAuthError.NONE, 50202, "The device backend broke off before it answered."),
    BACKEND_NOT_CONFIGURED(502, OAuthError.NONE, 50203, "No device backend is configured for this API."),
    STORE_UNAVAILABLE(503, OAuthError.NONE, 50301, "The store of credentials cannot be reached."),
    BACKEND_BUSY(503, OAuthError.NONE, 50302, "Too many calls are waiting for the device backend."),
    BACKEND_TIMEOUT(504, OAuthError.NONE, 50401, "The device backend did not answer in time.");

    /** What RFC 6750 section 3 puts into {@code WWW-Authenticate}. */
    public enum OAuthError {
        /** No such header: the credential is not what is wrong. */
        NONE,
        /** The header without an error: nothing that could be judged was presented. */
        BARE,
        INVALID_REQUEST,
        INVALID_TOKEN,
        INSUFFICIENT_SCOPE;

        /** The error code as RFC 6750 spells it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final int status;
    private final OAuthError oauthError;
    private final int errno;
    private final String text;

    DenyReason(int status, OAuthError oauthError, int errno, String text) {
        this.status = status;
        this.oauthError = oauthError;
        this.errno = errno;
        this.text = text;
    }

    /** The word of this reason: its name in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    public OAuthError oauthError() {
        return oauthError;
    }

    /** The code that clients of an envelope with string codes read; each reason its own. */
    public String code() {
        return "E" + errno;
    }

    /** The number that OneNET clients read; never 0, each reason its own. */
    public int errno() {
        return errno;
    }

    /** One sentence for a person. */
    public String text() {
        return text;
    }
}
