package dev.postern.access;

/** The answer to an {@link AccessRequest}: allowed for this principal, or denied with a reason. */
public sealed interface AccessDecision {
    record Allowed(Principal principal) implements AccessDecision {}

    /**
     * @param reason the machine-readable reason
     * @param detail the explanation for this request; never contains a secret
     */
    record Denied(DenyReason reason, String detail) implements AccessDecision {
        /** A denial without further detail. */
        public Denied(DenyReason reason) {
            this(reason, reason.text());
        }

        /** The denial that the client receives; see {@link DenyReason#forClient}. */
        public Denied forClient() {
            return reason.forClient() == reason ? this : new Denied(reason.forClient());
        }
    }
}
