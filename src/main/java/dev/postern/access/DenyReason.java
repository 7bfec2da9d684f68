package dev.postern.access;

import java.util.Locale;

/**
 * Every reason why the gate answers a device call itself, and what each looks like to a client. Add a
 * reason here when a new kind of refusal appears. A reason has the same word everywhere: in the response, in the
 * metric, in the log and in {@code docs/reference/errors.md}. Exception: clients receive only {@link
 * #CREDENTIAL_INVALID} for every invalid credential; the actual reason is in the metric and the log. So somebody with a
 * stolen or guessed credential does not learn how close it came (RFC 6750, section 3.1 has one error for them all).
 */
public enum DenyReason {
    REQUEST_AMBIGUOUS(400, OAuthError.NONE, 40001, "The request target is ambiguous."),
    BODY_UNREADABLE(400, OAuthError.NONE, 40002, "The IDs in the body cannot be read."),
    CREDENTIAL_AMBIGUOUS(400, OAuthError.INVALID_REQUEST, 40003, "The request contains more than one credential."),
    CREDENTIAL_EMPTY(400, OAuthError.INVALID_REQUEST, 40004, "The credential is empty."),
    CREDENTIAL_TOO_LONG(400, OAuthError.INVALID_REQUEST, 40005, "The credential is longer than 8 KiB."),
    CREDENTIAL_MALFORMED(400, OAuthError.INVALID_REQUEST, 40006,
            "The credential contains characters that are not allowed."),
    UPGRADE_INVALID(400, OAuthError.NONE, 40007, "The WebSocket handshake is not valid."),
    REQUEST_MALFORMED(400, OAuthError.NONE, 40008, "The request is not valid HTTP."),
    CREDENTIAL_MISSING(401, OAuthError.BARE, 40101, "The request has no credential."),
    CREDENTIAL_SCHEME_UNSUPPORTED(401, OAuthError.BARE, 40102, "The authorization scheme is not Bearer."),
    CREDENTIAL_INVALID(401, OAuthError.INVALID_TOKEN, 40103, "The credential is not valid."),
    CREDENTIAL_UNKNOWN(401, OAuthError.INVALID_TOKEN, 40104, "The credential is unknown."),
    CREDENTIAL_REVOKED(401, OAuthError.INVALID_TOKEN, 40105, "The credential was revoked."),
    CREDENTIAL_DISABLED(401, OAuthError.INVALID_TOKEN, 40106, "The credential is disabled."),
    TOKEN_MALFORMED(401, OAuthError.INVALID_TOKEN, 40107, "The token is malformed."),
    TOKEN_HEADER_REFUSED(401, OAuthError.INVALID_TOKEN, 40108,
            "The token's header has a parameter that is not accepted."),
    TOKEN_ALGORITHM_REFUSED(401, OAuthError.INVALID_TOKEN, 40109, "The token's algorithm does not match its key."),
    TOKEN_KEY_UNKNOWN(401, OAuthError.INVALID_TOKEN, 40110, "The token's key is unknown."),
    TOKEN_SIGNATURE_INVALID(401, OAuthError.INVALID_TOKEN, 40111, "The token's signature is invalid."),
    TOKEN_UNDECRYPTABLE(401, OAuthError.INVALID_TOKEN, 40112, "The token cannot be decrypted."),
    TOKEN_CLAIM_INVALID(401, OAuthError.INVALID_TOKEN, 40113, "A claim of the token is missing or invalid."),
    TOKEN_EXPIRED(401, OAuthError.INVALID_TOKEN, 40114, "The token has expired."),
    TOKEN_NOT_YET_VALID(401, OAuthError.INVALID_TOKEN, 40115, "The token is not valid yet."),
    TOKEN_LIFETIME_TOO_LONG(401, OAuthError.INVALID_TOKEN, 40116, "The token's lifetime is longer than allowed."),
    TOKEN_REPLAYED(401, OAuthError.INVALID_TOKEN, 40117, "This one-time token has already been used."),
    ACCOUNT_UNKNOWN(401, OAuthError.INVALID_TOKEN, 40118, "The token's account is unknown."),
    CREDENTIAL_EXPIRED(401, OAuthError.INVALID_TOKEN, 40119, "The credential has expired."),
    ACCOUNT_SCOPE_REQUIRED(403, OAuthError.INSUFFICIENT_SCOPE, 40301,
            "The call needs a credential for the whole account."),
    DEVICE_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40302, "The credential does not permit this device."),
    ACTION_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40303, "The credential does not permit this method."),
    STREAM_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40304, "The credential does not permit this data stream."),
    API_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40305, "The credential does not permit this API."),
    USER_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40306, "The token does not permit this user."),
    DEVICE_UNKNOWN(40307, "The device is not registered in the account."),
    DEVICE_SHARED(40308, "The device is only shared with the account."),
    LICENSE_MINIMUM_DEVICES(40309, "The account has fewer devices than its license requires."),
    LICENSE_EXPIRED(40310, "The account's license has expired."),
    DEVICE_OVER_QUOTA(40311, "All licensed seats are taken by other devices."),
    ADDRESS_NOT_PERMITTED(403, OAuthError.INSUFFICIENT_SCOPE, 40312,
            "The credential cannot be used from this address."),
    OPERATION_UNKNOWN(404, OAuthError.NONE, 40401, "No API has an operation at this path."),
    METHOD_UNKNOWN(405, OAuthError.NONE, 40501, "This path does not support the method."),
    BODY_TIMEOUT(408, OAuthError.NONE, 40801, "The body did not arrive in time."),
    BODY_TOO_LARGE(413, OAuthError.NONE, 41301, "The body is too large to be searched for IDs."),
    TARGET_TOO_LONG(414, OAuthError.NONE, 41401, "The request target is too long."),
    WEBSOCKET_VERSION_UNSUPPORTED(426, OAuthError.NONE, 42601, "The WebSocket version is not supported; use 13."),
    HEADERS_TOO_LARGE(431, OAuthError.NONE, 43101, "The headers of the request are too large."),
    INTERNAL_ERROR(500, OAuthError.NONE, 50001, "Internal error in the gate."),
    RECORD_UNREADABLE(500, OAuthError.NONE, 50002, "A stored record that this call needs cannot be read."),
    BACKEND_UNREACHABLE(502, OAuthError.NONE, 50201, "The device backend cannot be reached."),
    BACKEND_FAILED(502, OAuthError.NONE, 50202, "The device backend did not send a valid response."),
    BACKEND_NOT_CONFIGURED(502, OAuthError.NONE, 50203, "No device backend is configured for this API."),
    BACKEND_TLS_FAILED(502, OAuthError.NONE, 50204, "The TLS handshake with the device backend failed."),
    STORE_UNAVAILABLE(503, OAuthError.NONE, 50301, "The credential store cannot be reached."),
    BACKEND_BUSY(503, OAuthError.NONE, 50302, "Too many calls are waiting for the device backend."),
    VERIFICATION_BUSY(503, OAuthError.NONE, 50303, "Too many tokens are waiting to be verified."),
    ISSUER_UNAVAILABLE(503, OAuthError.NONE, 50304, "The keys of the token's issuer cannot be fetched."),
    GATE_STOPPING(503, OAuthError.NONE, 50305, "The gate is shutting down."),
    BACKEND_TIMEOUT(504, OAuthError.NONE, 50401, "The device backend did not answer in time."),
    HTTP_VERSION_UNSUPPORTED(505, OAuthError.NONE, 50501, "The HTTP version is not supported.");

    /** The error in {@code WWW-Authenticate} (RFC 6750, section 3). */
    public enum OAuthError {
        /** No such header: the problem is not the credential. */
        NONE,
        /** The header without an error: the request had no credential that could be checked. */
        BARE,
        INVALID_REQUEST,
        INVALID_TOKEN,
        INSUFFICIENT_SCOPE;

        /** The error code as RFC 6750 spells it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The code that existing clients expect for every call that the license does not cover. */
    private static final String UNLICENSED = "D1022";

    private final String word = name().toLowerCase(Locale.ROOT);
    private final int status;
    private final OAuthError oauthError;
    private final int errno;
    private final String text;
    private final boolean isLicenseReason;

    DenyReason(int status, OAuthError oauthError, int errno, String text) {
        this.status = status;
        this.oauthError = oauthError;
        this.errno = errno;
        this.text = text;
        this.isLicenseReason = false;
    }

    /** A call that the license does not cover. */
    DenyReason(int errno, String text) {
        this.status = 403;
        this.oauthError = OAuthError.NONE;
        this.errno = errno;
        this.text = text;
        this.isLicenseReason = true;
    }

    /** The machine-readable word for this reason: its name in lower case. */
    public String word() {
        return word;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    public OAuthError oauthError() {
        return oauthError;
    }

    /**
     * The reason that the client receives: {@link #CREDENTIAL_INVALID} for every invalid credential, otherwise this
     * one.
     */
    public DenyReason forClient() {
        return oauthError == OAuthError.INVALID_TOKEN ? CREDENTIAL_INVALID : this;
    }

    /** The string code in response envelopes. Unique per reason, except that all license reasons share D1022. */
    public String code() {
        return isLicenseReason ? UNLICENSED : "E" + errno;
    }

    /** Whether the call is refused because the account's license does not cover it. */
    public boolean isLicenseReason() {
        return isLicenseReason;
    }

    /** The text that clients display: one sentence, or the prompt that existing clients expect. */
    public String prompt() {
        return isLicenseReason ? "[" + UNLICENSED + "] No corresponding authorization" : text;
    }

    /** The number that OneNET clients read; never 0, unique for each reason. */
    public int errno() {
        return errno;
    }

    /** One human-readable sentence. */
    public String text() {
        return text;
    }
}
