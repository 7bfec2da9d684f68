package dev.postern.authentication;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The external issuers whose tokens the gate takes. */
public final class Issuers implements AutoCloseable {
    private final Map<String, Issuer> byIssuer = new HashMap<>();

    /** @throws IllegalArgumentException if two stand for the same issuer; the message names them */
    public Issuers(Collection<Issuer> issuers) {
        for (Issuer issuer : issuers) {
            Issuer other = byIssuer.put(issuer.issuer(), issuer);
            if (other != null) {
                throw new IllegalArgumentException("postern.issuers." + other.name() + " and postern.issuers."
                        + issuer.name() + " have the same issuer");
            }
        }
    }

    /** The issuer that a token names in {@code iss}; empty when it is none of them. */
    Optional<Issuer> find(String issuer) {
        return Optional.ofNullable(byIssuer.get(issuer));
    }

    /** Whether the settings have an issuer of this name. */
    public boolean isKnown(String name) {
        return byIssuer.values().stream().anyMatch(issuer -> issuer.name().equals(name));
    }

    /** Fetches of keys that failed, of all issuers. */
    public long failures() {
        return byIssuer.values().stream().mapToLong(issuer -> issuer.keys().failures()).sum();
    }

    @Override
    public void close() {
        byIssuer.values().forEach(issuer -> issuer.keys().close());
    }
}
