package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.license.LicenseFacts.Standing;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Decides, as a pure function of the facts, whether the license of an account covers a call that is allowed otherwise. */
final class LicensePolicy {
    private final LicenseSettings settings;

    LicensePolicy(LicenseSettings settings) {
        this.settings = settings;
    }

    /** What becomes of a call. */
    sealed interface Verdict {
        record Licensed() implements Verdict {}

        record Refused(AccessDecision.Denied denied) implements Verdict {}

        /** Covered if all of these get a seat. */
        record NeedsSeats(List<DeviceId> devices) implements Verdict {}

        /** To be judged anew when these are registered. */
        record NeedsEnrollment(List<DeviceId> devices) implements Verdict {}
    }

    /** The order of the reasons: whose the device is, then the license as such, then the seat. */
    Verdict decide(LicenseFacts facts, DeviceUse use, Instant now) {
        if (facts.license().isEmpty()) {
            return refuse(DenyReason.LICENSE_EXPIRED, "There is no such account any more.");
        }
        License license = facts.license().get();
        if (!settings.enabled() || !license.enabled()) {
            return new Verdict.Licensed();
        }
        List<DeviceId> unknown = devices(facts, Standing.UNKNOWN);
        if (!unknown.isEmpty() && (settings.enrollment() == LicenseSettings.Enrollment.STRICT
                || use == DeviceUse.REMOVING)) {
            return refuse(DenyReason.DEVICE_UNKNOWN,
                    "Device " + unknown.getFirst() + " is not registered in the account.");
        }
        List<DeviceId> shared = devices(facts, Standing.SHARED);
        if (!shared.isEmpty()) {
            return refuse(DenyReason.DEVICE_SHARED, "Device " + shared.getFirst()
                    + " is shared with the account. Once its owner has deleted it, the account can add it itself.");
        }
        if (license.isExpired(now)) {
            return refuse(DenyReason.LICENSE_EXPIRED,
                    "The license ended on " + license.until().atOffset(ZoneOffset.UTC).toLocalDate() + ".");
        }
        List<DeviceId> waiting = devices(facts, Standing.WAITING);
        if (!unknown.isEmpty()) {
            // Nothing is registered for a call that would be refused for another of its devices.
            return license.seats() - facts.used() < unknown.size() + waiting.size()
                    ? new Verdict.Refused(overQuota(waiting.isEmpty() ? unknown.getFirst() : waiting.getFirst()))
                    : new Verdict.NeedsEnrollment(unknown);
        }
        if (use == DeviceUse.REMOVING || (use == DeviceUse.REGISTERING && facts.standings().isEmpty())) {
            return new Verdict.Licensed();
        }
        if (facts.devices() < settings.minimumDevices()) {
            return refuse(DenyReason.LICENSE_MINIMUM_DEVICES, "The account has " + facts.devices()
                    + " of the " + settings.minimumDevices() + " devices of its own that it needs.");
        }
        return waiting.isEmpty() ? new Verdict.Licensed() : new Verdict.NeedsSeats(waiting);
    }

    /** The refusal when no seat is free. */
    static AccessDecision.Denied overQuota(DeviceId device) {
        return new AccessDecision.Denied(DenyReason.DEVICE_OVER_QUOTA, "Device " + device
                + " has no seat: all that are licensed are taken.");
    }

    private static Verdict refuse(DenyReason reason, String detail) {
        return new Verdict.Refused(new AccessDecision.Denied(reason, detail));
    }

    private static List<DeviceId> devices(LicenseFacts facts, Standing wanted) {
        List<DeviceId> found = new ArrayList<>();
        for (Map.Entry<DeviceId, Standing> entry : facts.standings().entrySet()) {
            if (entry.getValue() == wanted) {
                found.add(entry.getKey());
            }
        }
        return found;
    }
}
