package dev.postern.access;

/** The calls on the public port that the gate answers itself instead of forwarding them to a backend. */
@FunctionalInterface
public interface CallsAnsweredHere {
    /**
     * Whether the gate answers this call itself.
     *
     * @param raw    the target as it is in the request line
     * @param target the parsed target
     */
    boolean contains(String raw, RequestTarget.Parsed target);
}
