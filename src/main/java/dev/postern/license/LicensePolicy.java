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

/**
 * Decides, as a pure function of the facts, whether the license of an account covers a call that is otherwise allowed.
 */
final class LicensePolicy {
    private final LicenseSettings settings;

    LicensePolicy(LicenseSettings settings) {
        this.settings = settings;
    }

    /** The decision about a call. */
    sealed interface LicenseDecision {
        record Licensed() implements LicenseDecision {}

        record Refused(AccessDecision.Denied denied) implements LicenseDecision {}

        /** The call is covered if all of these devices get a seat. */
        record NeedsSeats(List<DeviceId> devices) implements LicenseDecision {}

        /** These devices must be registered, and then the decision must be made again. */
        record NeedsEnrollment(List<DeviceId> devices) implements LicenseDecision {}
    }

    /**
     * Checks in this order: ownership of the devices, the term of the license, the minimum of devices, the seats. For
     * unregistered devices, free seats are checked instead; the call is decided again once they are registered.
     */
    LicenseDecision decide(LicenseFacts facts, DeviceUse use, Instant now) {
        if (facts.license().isEmpty()) {
            return refuse(DenyReason.LICENSE_EXPIRED, "The account no longer exists.");
        }
        License license = facts.license().get();
        if (!settings.enabled() || !license.enabled()) {
            return new LicenseDecision.Licensed();
        }
        List<DeviceId> unknown = devices(facts, Standing.UNKNOWN);
        if (!unknown.isEmpty() && (settings.enrollment() == LicenseSettings.Enrollment.STRICT
                || use == DeviceUse.REMOVING || use == DeviceUse.CONTINUING)) {
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
            // No device is registered for a call that would be refused because of another device.
            return license.seats() - facts.used() < unknown.size() + waiting.size()
                    ? new LicenseDecision.Refused(
                            overQuota(waiting.isEmpty() ? unknown.getFirst() : waiting.getFirst()))
                    : new LicenseDecision.NeedsEnrollment(unknown);
        }
        if (use == DeviceUse.REMOVING || (use == DeviceUse.REGISTERING && facts.standings().isEmpty())) {
            return new LicenseDecision.Licensed();
        }
        if (facts.devices() < settings.minimumDevices()) {
            return refuse(DenyReason.LICENSE_MINIMUM_DEVICES, "The account owns " + facts.devices()
                    + " of the " + settings.minimumDevices() + " devices that it must have.");
        }
        return waiting.isEmpty() ? new LicenseDecision.Licensed() : new LicenseDecision.NeedsSeats(waiting);
    }

    /** The refusal if no seat is free. */
    static AccessDecision.Denied overQuota(DeviceId device) {
        return new AccessDecision.Denied(DenyReason.DEVICE_OVER_QUOTA, "Device " + device
                + " has no seat: too few licensed seats are free.");
    }

    private static LicenseDecision refuse(DenyReason reason, String detail) {
        return new LicenseDecision.Refused(new AccessDecision.Denied(reason, detail));
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
