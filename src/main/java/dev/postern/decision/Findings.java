package dev.postern.decision;

import dev.postern.access.AccessRequest;
import dev.postern.access.Limits;
import dev.postern.access.Principal;
import dev.postern.access.Streams;
import dev.postern.authentication.Authentication;
import dev.postern.catalog.Reading;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialCodec;
import dev.postern.credential.IssuedIdentity;
import dev.postern.license.LicenseOutlook;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What each step of a decision saw, in words. */
final class Findings {
    /** The maximum number of IDs in a sentence. */
    private static final int MAX_NAMED = 10;

    private final Map<Step, String> seen = new EnumMap<>(Step.class);

    Map<Step, String> seen() {
        return seen;
    }

    void target(String target) {
        seen.put(Step.TARGET, "The gate reads " + target + ".");
    }

    void operation(Reading.Read read) {
        AccessRequest request = read.request();
        seen.put(Step.OPERATION, "API " + request.api() + ", " + request.action().word() + ", " + devices(request)
                + streams(request) + ". The backend would get " + read.path()
                + (read.query().isEmpty() ? "" : "?" + read.query()) + ".");
    }

    private static String devices(AccessRequest request) {
        return request.devices().isEmpty()
                ? request.devicesInBody() ? "devices in the body" : "no device"
                : ids("device", request.devices()) + (request.devicesInBody() ? " and those in the body" : "");
    }

    private static String streams(AccessRequest request) {
        return switch (request.streams()) {
            case Streams.WholeDevice() -> "";
            case Streams.Named(var named) -> ", " + ids("stream", named);
            case Streams.InBody(var besides) -> besides.isEmpty()
                    ? ", streams in the body"
                    : ", " + ids("stream", besides) + " and those in the body";
        };
    }

    private static String ids(String noun, Collection<?> ids) {
        return noun + (ids.size() == 1 ? " " : "s ")
                + ids.stream().limit(MAX_NAMED).map(String::valueOf).collect(Collectors.joining(", "))
                + (ids.size() > MAX_NAMED ? " and " + (ids.size() - MAX_NAMED) + " more" : "");
    }

    /** The credential was verified, and passed every check before the one that decides. */
    void verified(Authentication.Verified verified, AccessRequest request) {
        Principal principal = verified.principal();
        seen.put(Step.CREDENTIAL, "A valid credential of account " + principal.account() + ": "
                + kind(verified.credential()) + " " + principal.credential() + ".");
        seen.put(Step.LIMITS, limits(principal.limits()));
        seen.put(Step.API, "The credential permits API " + request.api() + ".");
        String whom = request.devices().isEmpty() ? "the account" : ids("device", request.devices());
        seen.put(Step.DEVICES, "The credential covers " + whom + ".");
        seen.put(Step.METHOD, "It permits " + request.action().word() + " on " + whom + ".");
        seen.put(Step.STREAMS, request.streams() instanceof Streams.Named(var named)
                ? "It permits " + ids("stream", named) + "."
                : "It permits whole devices, if the call asks for them.");
    }

    /** The credential was recognized, but one of its limits refuses the call. */
    void recognized(Optional<Credential.Stored> found) {
        seen.put(Step.CREDENTIAL, found.map(credential -> "A known credential of account " + credential.account()
                + ": " + CredentialCodec.kind(credential) + ".").orElse("A known credential."));
    }

    static String kind(Credential credential) {
        return switch (credential) {
            case Credential.Stored stored -> CredentialCodec.kind(stored);
            case IssuedIdentity identity -> "token of the issuer " + identity.issuer();
        };
    }

    private static String limits(Limits limits) {
        return "It is enabled, " + limits.expires().map(end -> "expires at " + end).orElse("does not expire")
                + ", and can be used from " + (limits.limitsAddresses() ? "the client's address" : "any address") + ".";
    }

    void body(AccessRequest complete) {
        seen.put(Step.BODY, "With the body, the call names " + devices(complete) + streams(complete) + ".");
    }

    void license(Optional<LicenseOutlook> outlook) {
        seen.put(Step.LICENSE, outlook.map(Findings::license)
                .orElse("The gate remembers that the license covers the call, or does not enforce licenses."));
    }

    private static String license(LicenseOutlook outlook) {
        if (!outlook.enforced()) {
            return "Licenses are not enforced.";
        }
        return "The license covers the call: " + outlook.used() + " of "
                + outlook.license().map(license -> license.seats()).orElse(0) + " seats are taken."
                + (outlook.registers().isEmpty()
                        ? ""
                        : " It would register " + ids("device", outlook.registers()) + ".")
                + (outlook.seats().isEmpty() ? "" : " It would give a seat to " + ids("device", outlook.seats()) + ".");
    }

    void backend() {
        seen.put(Step.BACKEND, "The API has a backend.");
    }
}
