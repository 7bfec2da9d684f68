package dev.postern.access;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a principal may make a request: a pure function of the request and the principal's permissions. Fails
 * closed if the body is unread: a request with devices in its body is refused, and a request with streams in its body
 * is treated as if it asked for the whole device. {@link #decide} goes through devices and streams by index, because
 * iterators would account for a third of its allocations.
 */
public final class AccessPolicy {
    /** Checks one reason to refuse a request; empty when it does not apply. */
    private interface Check {
        Optional<AccessDecision.Denied> refuse(Permissions permissions, AccessRequest request);
    }

    // The order is the precedence of the reasons.
    private static final List<Check> CHECKS = List.of(
            AccessPolicy::refuseApi,
            AccessPolicy::refuseUnreadDevices,
            AccessPolicy::refuseWithoutAccountScope,
            AccessPolicy::refuseDevice,
            AccessPolicy::refuseAction,
            AccessPolicy::refuseStream,
            AccessPolicy::refuseUncheckedBody);

    private AccessPolicy() {}

    public static AccessDecision decide(Principal principal, AccessRequest request) {
        for (Check check : CHECKS) {
            Optional<AccessDecision.Denied> denied = check.refuse(principal.permissions(), request);
            if (denied.isPresent()) {
                return denied.get();
            }
        }
        return new AccessDecision.Allowed(principal);
    }

    /**
     * The refusal, if the limits of the credential do not permit the client's address; null if they do. Does not depend
     * on the request.
     *
     * @param client null if it is unknown
     */
    public static AccessDecision.@Nullable Denied refuseAddress(Limits limits, @Nullable InetAddress client) {
        if (limits.permits(client)) {
            return null;
        }
        return new AccessDecision.Denied(DenyReason.ADDRESS_NOT_PERMITTED, client == null
                ? "This credential is limited to networks, and the address of the client is unknown."
                : "This credential cannot be used from " + IpAddresses.text(client) + ".");
    }

    /**
     * Whether the decision depends on the body. It does in three cases: the devices are in the body; the streams are in
     * the body, and the principal may use only some streams of a device of the request; the body might repeat
     * parameters of the query, with other IDs. In the last two cases, false if the request is permitted or refused
     * whatever the body contains.
     */
    public static boolean needsBody(Principal principal, AccessRequest request) {
        Permissions permissions = principal.permissions();
        if (refuseApi(permissions, request).isPresent()) {
            return false;
        }
        if (request.devicesInBody()) {
            return true;
        }
        if (!(request.streams() instanceof Streams.InBody) && !request.bodyUnchecked()) {
            return false;
        }
        if (permissions.accountWide(request.api(), request.action()) || request.devices().isEmpty()
                || refuseDevice(permissions, request).isPresent() || refuseAction(permissions, request).isPresent()) {
            return false;
        }
        boolean limited = request.devices().stream()
                .anyMatch(device -> permissions.streams(request.api(), device,
                        request.action()) instanceof StreamSet.Only);
        return request.streams() instanceof Streams.InBody
                ? limited || request.bodyUnchecked()
                : request.bodyUnchecked() && refuseStream(permissions, request).isEmpty();
    }

    private static Optional<AccessDecision.Denied> refuseApi(Permissions permissions, AccessRequest request) {
        return permissions.covers(request.api())
                ? Optional.empty()
                : deny(DenyReason.API_NOT_PERMITTED,
                        "API " + request.api() + " is not among the APIs of this credential.");
    }

    private static Optional<AccessDecision.Denied> refuseUnreadDevices(Permissions permissions, AccessRequest request) {
        return request.devicesInBody()
                ? deny(DenyReason.BODY_UNREADABLE, "The devices are in the body, which was not read.")
                : Optional.empty();
    }

    private static Optional<AccessDecision.Denied> refuseWithoutAccountScope(Permissions permissions,
            AccessRequest request) {
        if (!request.devices().isEmpty() || permissions.accountWide(request.api(), request.action())) {
            return Optional.empty();
        }
        if (permissions.coversAccount(request.api())) {
            return deny(DenyReason.ACTION_NOT_PERMITTED,
                    "This credential does not permit " + request.action() + " in its account.");
        }
        return deny(DenyReason.ACCOUNT_SCOPE_REQUIRED,
                "The request names no device, and this credential is limited to certain devices.");
    }

    private static Optional<AccessDecision.Denied> refuseDevice(Permissions permissions, AccessRequest request) {
        List<DeviceId> devices = request.devices();
        for (int i = 0; i < devices.size(); i++) {
            DeviceId device = devices.get(i);
            if (!permissions.covers(request.api(), device)) {
                return deny(DenyReason.DEVICE_NOT_PERMITTED,
                        "Device " + device + " is not among the devices of this credential.");
            }
        }
        return Optional.empty();
    }

    private static Optional<AccessDecision.Denied> refuseAction(Permissions permissions, AccessRequest request) {
        List<DeviceId> devices = request.devices();
        for (int i = 0; i < devices.size(); i++) {
            DeviceId device = devices.get(i);
            if (permissions.streams(request.api(), device, request.action()).isEmpty()) {
                return deny(DenyReason.ACTION_NOT_PERMITTED,
                        "This credential does not permit " + request.action() + " on device " + device + ".");
            }
        }
        return Optional.empty();
    }

    private static Optional<AccessDecision.Denied> refuseStream(Permissions permissions, AccessRequest request) {
        List<DeviceId> devices = request.devices();
        for (int i = 0; i < devices.size(); i++) {
            DeviceId device = devices.get(i);
            if (permissions.streams(request.api(), device, request.action()) instanceof StreamSet.Only(var permitted)) {
                Optional<AccessDecision.Denied> denied = switch (request.streams()) {
                    case Streams.WholeDevice() -> wholeDeviceDenied(device);
                    case Streams.InBody unread -> wholeDeviceDenied(device);
                    case Streams.Named(var named) -> refuseStreams(named, permitted, device, request);
                };
                if (denied.isPresent()) {
                    return denied;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<AccessDecision.Denied> refuseStreams(List<StreamId> named, Set<StreamId> permitted,
            DeviceId device, AccessRequest request) {
        for (int i = 0; i < named.size(); i++) {
            StreamId stream = named.get(i);
            if (!permitted.contains(stream)) {
                return deny(DenyReason.STREAM_NOT_PERMITTED, "This credential does not permit " + request.action()
                        + " on stream " + stream + " of device " + device + ".");
            }
        }
        return Optional.empty();
    }

    private static Optional<AccessDecision.Denied> refuseUncheckedBody(Permissions permissions, AccessRequest request) {
        return request.bodyUnchecked() && !permissions.accountWide(request.api(), request.action())
                ? deny(DenyReason.BODY_UNREADABLE,
                        "The body was not read, so it could contradict the IDs in the query.")
                : Optional.empty();
    }

    private static Optional<AccessDecision.Denied> wholeDeviceDenied(DeviceId device) {
        return deny(DenyReason.STREAM_NOT_PERMITTED, "The request asks for the whole of device " + device
                + ", but this credential permits only some of the device's streams. Name the streams in the request.");
    }

    private static Optional<AccessDecision.Denied> deny(DenyReason reason, String detail) {
        return Optional.of(new AccessDecision.Denied(reason, detail));
    }
}
