package dev.postern.access;

/** The answer: yes, for this principal, or no, and why. */
public sealed interface AccessDecision {
    record Allowed(Principal principal) implements AccessDecision {}

    /**
     * @param reason why not, as a machine reads it
     * @param detail why not, for this very request; never holds a secret
     */
    record Denied(DenyReason reason, String detail) implements AccessDecision {
        /** A denial that has nothing to add to its reason. */
        public Denied(DenyReason reason) {
            this(reason, reason.text());
        }

        /** This denial as a client is told of it. */
        public Denied told() {
            return reason.told() == reason ? this : new Denied(reason.told());
        }
    }
}
