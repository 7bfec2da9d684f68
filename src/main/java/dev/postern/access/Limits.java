package dev.postern.access;

import java.net.InetAddress;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When and from where a credential can be used, whatever it permits. Access tokens, and tokens that clients make, have
 * the limits of the credential that they come from.
 *
 * @param expires  when it stops being valid; empty for never
 * @param networks the networks from which it can be used, without repetitions; empty for any address
 */
public record Limits(Optional<Instant> expires, List<Network> networks) {
    /** The maximum number of networks. The address of a call may have to be compared with all of them. */
    public static final int MAX_NETWORKS = 50;
    public static final Limits NONE = new Limits(Optional.empty(), List.of());

    public Limits {
        networks = List.copyOf(new LinkedHashSet<>(networks));
    }

    /** When it stops being valid, in a form to compare. */
    public Instant end() {
        return expires.orElse(Instant.MAX);
    }

    public boolean isExpired(Instant now) {
        return !now.isBefore(end());
    }

    /** Whether the address of the client matters. */
    public boolean limitsAddresses() {
        return !networks.isEmpty();
    }

    /** @param client null if the address is unknown, which no network contains */
    public boolean permits(@Nullable InetAddress client) {
        if (networks.isEmpty()) {
            return true;
        }
        if (client != null) {
            byte[] address = client.getAddress();
            for (int i = 0; i < networks.size(); i++) {
                if (networks.get(i).contains(address)) {
                    return true;
                }
            }
        }
        return false;
    }
}
