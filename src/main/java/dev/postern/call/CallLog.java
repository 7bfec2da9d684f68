package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.access.ApiId;
import dev.postern.access.Principal;
import dev.postern.decision.RecentDecisions;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LicenseMeters;
import dev.postern.usage.ActiveDevices;
import dev.postern.usage.CredentialCalls;

/** Counts calls and their decisions, wherever a call is answered. */
public final class CallLog {
    private final GateMeters meters;
    private final LicenseMeters licenseMeters;
    private final ActiveDevices activeDevices;
    private final CredentialCalls credentialCalls;
    private final RecentDecisions recent;

    CallLog(GateMeters meters, LicenseMeters licenseMeters, ActiveDevices activeDevices,
            CredentialCalls credentialCalls, RecentDecisions recent) {
        this.meters = meters;
        this.licenseMeters = licenseMeters;
        this.activeDevices = activeDevices;
        this.credentialCalls = credentialCalls;
        this.recent = recent;
    }

    void allowed(Call call, Principal principal, AccessRequest request) {
        credentialCalls.note(principal, request.devices());
        activeDevices.note(principal.account(), request.devices());
        recent.allowed(principal, request, call);
        meters.allowed(request.api(), call.nanosSinceArrival());
    }

    void refused(Call call, AccessRequest request, AccessDecision.Denied denied) {
        meters.denied(request.api(), denied.reason(), call.nanosSinceArrival());
        licenseMeters.denied(denied.reason());
        recent.refused(call.authenticated(), request, call, denied.reason());
        CallReport report = call.report();
        if (report != null) {
            report.refused(request, denied.reason());
        }
    }

    /** A call that matches no operation of the catalogue, or is ambiguous. */
    void refused(Call call, AccessDecision.Denied denied) {
        meters.denied(denied.reason(), call.nanosSinceArrival());
        CallReport report = call.report();
        if (report != null) {
            report.stopped(denied.reason());
        }
    }

    /** The head of the backend's response has arrived, this long after the call was forwarded. */
    public void answered(Call call, ApiId api, int status, long nanos) {
        CallReport report = call.report();
        if (report == null) {
            meters.answered(api, status, nanos);
            return;
        }
        report.backendAnswered(nanos);
        CallSpan span = report.span();
        if (span == null) {
            meters.answered(api, status, nanos);
        } else {
            // So that the histogram of the time has exemplars.
            span.within(() -> meters.answered(api, status, nanos));
        }
    }
}
