package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LimitedLog;
import dev.postern.wire.BadResponseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Allowed calls that get no response from their backend, or only a part of it: logs and counts them. */
public final class FailedCalls {
    private static final Logger LOG = LoggerFactory.getLogger(FailedCalls.class);
    private static final LimitedLog LIMITED = new LimitedLog(LOG);

    private final GateMeters meters;

    FailedCalls(GateMeters meters) {
        this.meters = meters;
    }

    /**
     * Logs and counts a failed call.
     *
     * @return how to answer it, unless a part of the response has been sent; null if its connection is to be closed
     *         without an answer
     */
    public AccessDecision.@Nullable Denied note(Call call, ApiId api, Throwable failure) {
        if (failure instanceof ClientGoneException) {
            LOG.debug("{} the client is gone", call.requestId());
            return null;
        }
        if (failure instanceof StreamRevokedException revoked) {
            // A decision of the gate, counted as such.
            LOG.debug("{} the stream was ended: {}", call.requestId(), revoked.getMessage());
            return null;
        }
        AccessDecision.Denied denied = BackendFailures.denied(failure);
        report(call, denied.reason());
        log(call, api, failure, denied.reason());
        meters.failed(api, denied.reason());
        return denied;
    }

    /** Counts a call that cannot be forwarded because its API has no backend. */
    public AccessDecision.Denied noteWithoutBackend(Call call, ApiId api) {
        report(call, DenyReason.BACKEND_NOT_CONFIGURED);
        meters.failed(api, DenyReason.BACKEND_NOT_CONFIGURED);
        return new AccessDecision.Denied(DenyReason.BACKEND_NOT_CONFIGURED);
    }

    private static void report(Call call, DenyReason reason) {
        CallReport report = call.report();
        if (report != null) {
            report.stopped(reason);
        }
    }

    private static void log(Call call, ApiId api, Throwable failure, DenyReason reason) {
        if (reason == DenyReason.INTERNAL_ERROR) {
            LOG.debug("{} failed on its way to the backend", call.requestId(), LoggedFailure.of(failure));
            LIMITED.error("{} failed on its way to the backend: {}", call.requestId(), LoggedFailure.line(failure));
        } else if (failure instanceof BadResponseException bad) {
            LIMITED.warn("{} The backend of {} did not send a valid HTTP response: {}", call.requestId(), api,
                    String.valueOf(bad.getMessage()));
        } else if (reason == DenyReason.BACKEND_TLS_FAILED) {
            LIMITED.warn("{} The TLS handshake with the backend of {} failed: {}", call.requestId(), api,
                    TlsFailures.describe(failure));
        } else {
            LOG.debug("{} {}", call.requestId(), reason.word());
        }
    }
}
