package dev.postern.authentication;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The external issuers whose tokens the gate accepts. */
public final class Issuers implements AutoCloseable {
    private final Map<String, Issuer> byIssuer = new HashMap<>();

    /** @throws IllegalArgumentException if two entries have the same issuer; the message names them */
    public Issuers(Collection<Issuer> issuers) {
        for (Issuer issuer : issuers) {
            Issuer other = byIssuer.put(issuer.issuer(), issuer);
            if (other != null) {
                throw new IllegalArgumentException("postern.issuers." + other.name() + " and postern.issuers."
                        + issuer.name() + " have the same issuer");
            }
        }
    }

    /** Finds the issuer that a token names in {@code iss}; empty if it is not configured. */
    Optional<Issuer> find(String issuer) {
        return Optional.ofNullable(byIssuer.get(issuer));
    }

    /** Whether an issuer with this name is configured. */
    public boolean isKnown(String name) {
        return byIssuer.values().stream().anyMatch(issuer -> issuer.name().equals(name));
    }

    /** The number of key fetches of all issuers. */
    public long fetches() {
        return byIssuer.values().stream().mapToLong(issuer -> issuer.keys().fetches()).sum();
    }

    /** The number of failed key fetches of all issuers. */
    public long failures() {
        return byIssuer.values().stream().mapToLong(issuer -> issuer.keys().failures()).sum();
    }

    @Override
    public void close() {
        byIssuer.values().forEach(issuer -> issuer.keys().close());
    }
}
