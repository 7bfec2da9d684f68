package dev.postern.decision;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.CredentialId;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.Principal;
import dev.postern.authentication.Authentication;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a change of a credential would have done to the recent calls with it. A call counts only if the change makes the
 * difference: it is decided under the present rules and under the changed ones.
 */
public final class Replay {
    /** The maximum number of devices, credentials and calls to name. */
    public static final int MAX_NAMED = 100;

    private long decisions;
    private long refused;
    private long allowed;
    private long undecided;
    private Optional<Long> from = Optional.empty();
    private final Map<CredentialId, Long> credentials = new LinkedHashMap<>();
    private final Map<DeviceId, Long> devices = new LinkedHashMap<>();
    private final List<Changed> calls = new ArrayList<>();

    Replay() {}

    /**
     * A call that would be decided differently.
     *
     * @param denied why it would be refused; null if it would be allowed
     */
    record Changed(RecentDecision decision, Optional<DenyReason> denied) {}

    /** A call of the past that would be decided differently, for people. */
    public record Call(long at, CredentialId credential, String api, String method, List<DeviceId> devices,
            Optional<DenyReason> denied) {
        public Call {
            devices = List.copyOf(devices);
        }
    }

    /**
     * Decides a call of the past.
     *
     * @param present  who the caller is under the present record
     * @param changed  who the caller would be under the changed one
     */
    void add(RecentDecision decision, Authentication present, Authentication changed) {
        decisions++;
        from = from.or(() -> Optional.of(decision.at()));
        if (decision.denied() != null && !isAboutTheCredential(decision.denied())) {
            return;
        }
        Verdict before = decide(decision, present);
        Verdict after = decide(decision, changed);
        if (decision.denied() == null) {
            if (before.denied().isPresent()) {
                // The present record refuses it already: the change makes no difference.
                return;
            }
            if (after.undecided()) {
                undecided++;
            } else if (after.denied().isPresent()) {
                refused++;
                note(decision, after);
            }
        } else if (after.denied().isEmpty() && (before.undecided() || before.denied().isPresent())) {
            // A token that comes from the credential may have a scope that refuses the call.
            if (after.undecided() || !decision.credential().equals(decision.listed())) {
                undecided++;
            } else {
                allowed++;
                note(decision, after);
            }
        }
    }

    private void note(RecentDecision decision, Verdict after) {
        if (after.denied().isPresent()) {
            credentials.merge(decision.credential(), 1L, Long::sum);
            decision.request().devices().forEach(device -> devices.merge(device, 1L, Long::sum));
        }
        calls.add(new Changed(decision, after.denied()));
        if (calls.size() > MAX_NAMED) {
            calls.removeFirst();
        }
    }

    private static boolean isAboutTheCredential(DenyReason reason) {
        Step step = Step.of(reason);
        return step.isAboutRules() || step == Step.LIMITS;
    }

    /** @param undecided whether it depends on the body of the call */
    private record Verdict(Optional<DenyReason> denied, boolean undecided) {}

    private static Verdict decide(RecentDecision decision, Authentication authentication) {
        return switch (authentication) {
            case Authentication.Refused(var denied) -> new Verdict(Optional.of(denied.reason()), false);
            case Authentication.NeedsStore _ -> new Verdict(Optional.empty(), true);
            case Authentication.Verified verified -> decide(decision, verified.principal());
        };
    }

    private static Verdict decide(RecentDecision decision, Principal principal) {
        AccessDecision.Denied elsewhere = AccessPolicy.refuseAddress(principal.limits(), decision.client());
        if (elsewhere != null) {
            return new Verdict(Optional.of(elsewhere.reason()), false);
        }
        if (AccessPolicy.needsBody(principal, decision.request())) {
            return new Verdict(Optional.empty(), true);
        }
        return AccessPolicy.decide(principal, decision.request()) instanceof AccessDecision.Denied denied
                ? new Verdict(Optional.of(denied.reason()), false)
                : new Verdict(Optional.empty(), false);
    }

    /** The number of decisions that were replayed. */
    public long decisions() {
        return decisions;
    }

    /** When the first of them was made, in milliseconds since 1970; empty if there is none. */
    public Optional<Long> from() {
        return from;
    }

    /** The number of calls that the change would refuse. */
    public long refused() {
        return refused;
    }

    /** The number of refused calls that the change would allow. */
    public long allowed() {
        return allowed;
    }

    /** The number of calls about which nothing can be said. */
    public long undecided() {
        return undecided;
    }

    /** How many calls with each credential the change would refuse, the largest number first. */
    public Map<CredentialId, Long> credentials() {
        return mostFirst(credentials);
    }

    /** The same by device. */
    public Map<DeviceId, Long> devices() {
        return mostFirst(devices);
    }

    private static <K> Map<K, Long> mostFirst(Map<K, Long> counts) {
        Map<K, Long> sorted = new LinkedHashMap<>();
        counts.entrySet().stream().sorted(Map.Entry.<K, Long>comparingByValue().reversed()).limit(MAX_NAMED)
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** The latest calls that would be decided differently, the oldest first. */
    public List<Call> calls() {
        return calls.stream().map(changed -> new Call(changed.decision().at(), changed.decision().credential(),
                changed.decision().request().api().value(), changed.decision().request().action().word(),
                changed.decision().request().devices(), changed.denied())).toList();
    }
}
