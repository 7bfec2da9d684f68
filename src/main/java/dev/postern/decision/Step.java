package dev.postern.decision;

import dev.postern.access.DenyReason;
import java.util.Locale;

/** The steps of a decision, in their order. */
public enum Step {
    /** Whether the target can be read in only one way. */
    TARGET,
    /** Which API and operation is called, on which devices and streams. */
    OPERATION,
    /** Whether the credential is known and genuine. */
    CREDENTIAL,
    /** Whether the credential is enabled, has not expired, and can be used from the client's address. */
    LIMITS,
    /** Whether the credential permits the API. */
    API,
    /** Which devices and streams the body names, if the decision depends on them. */
    BODY,
    /** Whether the credential covers the devices, or the account. */
    DEVICES,
    /** Whether it permits the method on them. */
    METHOD,
    /** Whether it permits the streams. */
    STREAMS,
    /** Whether the license covers the devices. */
    LICENSE,
    /** Whether the API has a backend. */
    BACKEND;

    /** The name in replies. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The step at which a call with a readable target is refused for this reason, before the license is checked. */
    static Step of(DenyReason reason) {
        return switch (reason) {
            case OPERATION_UNKNOWN, METHOD_UNKNOWN -> OPERATION;
            case CREDENTIAL_DISABLED, CREDENTIAL_EXPIRED, ADDRESS_NOT_PERMITTED -> LIMITS;
            case API_NOT_PERMITTED -> API;
            case BODY_UNREADABLE, BODY_TOO_LARGE, BODY_TIMEOUT -> BODY;
            case ACCOUNT_SCOPE_REQUIRED, DEVICE_NOT_PERMITTED -> DEVICES;
            case ACTION_NOT_PERMITTED -> METHOD;
            case STREAM_NOT_PERMITTED -> STREAMS;
            default -> reason.isLicenseReason() ? LICENSE : CREDENTIAL;
        };
    }

    /** Whether a rule of the credential could change the outcome of this step. */
    boolean isAboutRules() {
        return this == API || this == DEVICES || this == METHOD || this == STREAMS;
    }
}
