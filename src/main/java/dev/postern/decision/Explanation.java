package dev.postern.decision;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessRequest;
import dev.postern.authentication.Rehearsal;
import dev.postern.license.LicenseOutlook;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a call would be decided, and why.
 *
 * @param denied  the denial with its actual reason; a client is told {@link AccessDecision.Denied#forClient}
 * @param checks  each step
 * @param request what is called; empty if the request cannot be read as a call of an API
 * @param who     who calls, even if the credential is refused; empty if the decision did not look at the credential
 * @param license what the license says; empty if it was not asked, or the store does not answer
 * @param grant   what would permit the call; empty if it is allowed, or if nobody asked
 */
public record Explanation(Outcome outcome, Optional<AccessDecision.Denied> denied, List<Check> checks,
        Optional<AccessRequest> request, Optional<Rehearsal.Result> who, Optional<LicenseOutlook> license,
        Optional<Grant> grant) {
    public Explanation {
        checks = List.copyOf(checks);
    }

    /** How a call is decided. */
    public enum Outcome {
        ALLOWED,
        DENIED,
        /** The gate answers the call itself, such as those of {@code /keys}. */
        ANSWERED_HERE;

        /** The name in replies. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The outcome of a step. */
    public enum Result {
        PASSED,
        /** This step decided: the call is refused. */
        REFUSED,
        /** The decision does not depend on it. */
        NOT_NEEDED,
        NOT_REACHED;

        /** The name in replies. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param detail what the step saw; empty if it was not reached */
    public record Check(Step step, Result result, String detail) {}

    /** The step that refused the call; empty if none did. */
    public Optional<Step> decidedBy() {
        return checks.stream().filter(check -> check.result() == Result.REFUSED).map(Check::step).findFirst();
    }

    /** The credential of the call, as far as it was recognized. */
    public Optional<Subject> subject() {
        return who.flatMap(Subject::of);
    }

    /** The records that the credential and its permissions were read from. */
    public List<Evidence> evidence() {
        return who.map(result -> result.records().stream().map(Evidence::of).toList()).orElse(List.of());
    }

    static Explanation answeredHere() {
        return new Explanation(Outcome.ANSWERED_HERE, Optional.empty(), List.of(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    /** @param seen what each passed step saw; the body is missing if it was not needed */
    static Explanation of(@Nullable Step deciding, AccessDecision.@Nullable Denied denied, Map<Step, String> seen,
            Optional<AccessRequest> request, Optional<Rehearsal.Result> who, Optional<LicenseOutlook> license) {
        List<Check> checks = new ArrayList<>();
        for (Step step : Step.values()) {
            if (denied != null && step == deciding) {
                checks.add(new Check(step, Result.REFUSED, denied.detail()));
            } else if (deciding != null && step.compareTo(deciding) > 0) {
                checks.add(new Check(step, Result.NOT_REACHED, ""));
            } else if (seen.containsKey(step)) {
                checks.add(new Check(step, Result.PASSED, seen.getOrDefault(step, "")));
            } else {
                checks.add(new Check(step, Result.NOT_NEEDED, "The decision does not depend on it."));
            }
        }
        return new Explanation(denied == null ? Outcome.ALLOWED : Outcome.DENIED, Optional.ofNullable(denied), checks,
                request, who, license, Optional.empty());
    }

    Explanation with(Grant missing) {
        return new Explanation(outcome, denied, checks, request, who, license, Optional.of(missing));
    }
}
