package dev.postern.decision;

import dev.postern.access.AccessRequest;
import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.DeviceSet;
import dev.postern.access.MissingRules;
import dev.postern.access.Permissions;
import dev.postern.access.Rule;
import dev.postern.access.StreamId;
import dev.postern.access.StreamSet;
import dev.postern.authentication.Rehearsal;
import dev.postern.credential.ApiKey;
import dev.postern.credential.Application;
import dev.postern.credential.Credential;
import dev.postern.credential.JwtToken;
import dev.postern.credential.Permission;
import dev.postern.credential.PermissionJson;
import dev.postern.credential.RsaToken;
import dev.postern.credential.RuleJson;
import dev.postern.credential.StaticToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the smallest addition to a credential that would permit a call. */
final class SmallestGrant {
    private SmallestGrant() {}

    /** An addition that may be enough, or the reason why there is none. */
    sealed interface Proposal {
        /** @param changed the credential with the addition */
        record Addition(Rehearsal.Unsaved changed, List<Rule> rules, List<Permission> permissions)
                implements
                    Proposal {}

        record None(String why) implements Proposal {}
    }

    /**
     * @param index      of the credential
     * @param credential the credential of the account that the call uses
     * @param permitted  what the call may do now
     */
    static Proposal find(String index, Credential.Managed credential, Permissions permitted, AccessRequest request) {
        List<Rule> rules = MissingRules.of(permitted, request);
        return switch (credential) {
            case StaticToken token -> withRules(index, rules, token.rules(),
                    all -> token.with(token.name(), token.enabled(), all, token.limits()));
            case Application application -> withRules(index, rules, application.rules(),
                    all -> application.with(application.name(), application.enabled(), all, application.limits()));
            case ApiKey key -> withPermissions(index, rules, key);
            case RsaToken _ -> new Proposal.None("An RSA token permits every method on the devices of its projects, in"
                    + " its APIs: add API " + request.api() + " to its apis, or the devices to one of its projects.");
            case JwtToken _ -> new Proposal.None("A JWT permits every method on the devices of its user, in the APIs of"
                    + " its JWT token: add API " + request.api() + " to the apis, or the devices to the user.");
        };
    }

    private interface Changed {
        Credential.Managed with(List<Rule> all);
    }

    private static Proposal withRules(String index, List<Rule> missing, List<Rule> present, Changed changed) {
        if (missing.size() + present.size() > RuleJson.MAX_RULES) {
            return new Proposal.None("The credential has as many rules as it can have, " + RuleJson.MAX_RULES + ".");
        }
        List<Rule> all = new ArrayList<>(present);
        all.addAll(missing);
        return new Proposal.Addition(new Rehearsal.Unsaved(index, changed.with(all)), missing, List.of());
    }

    private static Proposal withPermissions(String index, List<Rule> missing, ApiKey key) {
        List<Permission> permissions = new ArrayList<>();
        for (Rule rule : missing) {
            switch (rule.devices()) {
                case DeviceSet.Only(var devices) -> permissions.add(permission(rule.actions(), devices,
                        rule.streams()));
                case DeviceSet.AllOfAccount _,DeviceSet.Of _ -> {
                    return new Proposal.None("An API key is always limited to devices, and the call names none. It"
                            + " needs a credential for the whole account.");
                }
            }
        }
        List<Permission> all = new ArrayList<>(key.granted());
        all.addAll(permissions);
        int size = all.stream().mapToInt(permission -> 1 + permission.resources().size()).sum();
        return size > PermissionJson.MAX_RESOURCES
                ? new Proposal.None("The API key has as many permissions and resources as it can have, "
                        + PermissionJson.MAX_RESOURCES + ".")
                : new Proposal.Addition(
                        new Rehearsal.Unsaved(index, key.with(key.name(), key.enabled(), all, key.limits())), missing,
                        permissions);
    }

    private static Permission permission(Set<Action> actions, Set<DeviceId> devices, StreamSet streams) {
        List<Permission.Resource> resources = new ArrayList<>();
        for (DeviceId device : devices) {
            switch (streams) {
                case StreamSet.WholeDevice() -> resources.add(new Permission.Resource(device, Optional.empty()));
                case StreamSet.Only(var only) -> {
                    for (StreamId stream : only) {
                        resources.add(new Permission.Resource(device, Optional.of(stream)));
                    }
                }
            }
        }
        return new Permission(actions, resources);
    }

    /** Why no rule helps against a refusal at this step. */
    static String whyNone(Step step) {
        return switch (step) {
            case TARGET, OPERATION -> "The gate refuses the call whatever the credential permits.";
            case CREDENTIAL -> "The credential itself is refused, so it does not matter what it permits.";
            case LIMITS -> "The credential is disabled or limited: change enabled, expires_at or allowed_networks.";
            case BODY -> "The gate cannot read which devices and streams the body names.";
            case LICENSE -> "The license refuses the call, whatever the credential permits.";
            case BACKEND -> "The credential permits the call, but its API has no backend.";
            case API, DEVICES, METHOD, STREAMS -> "Rules cannot be added to this credential.";
        };
    }
}
