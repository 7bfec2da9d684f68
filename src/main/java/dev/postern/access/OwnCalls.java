package dev.postern.access;

/** The calls on the public port that the gate answers by itself, and forwards to no backend. */
@FunctionalInterface
public interface OwnCalls {
    /**
     * Whether a call is one of them.
     *
     * @param raw    the target as it stands in the request line
     * @param target what was read in it
     */
    boolean include(String raw, RequestTarget.Parsed target);
}
