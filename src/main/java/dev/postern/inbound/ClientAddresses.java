package dev.postern.inbound;

import dev.postern.access.IpAddresses;
import dev.postern.access.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the address of the client of a request. Without trusted proxies that is the peer. The headers of a trusted
 * proxy list the addresses before it, the nearest last. The client is the nearest address that is not a trusted proxy:
 * everything before it is only what the client claims. If all are trusted proxies, the client is the farthest.
 */
public final class ClientAddresses {
    private final List<Network> trustedProxies;

    /**
     * @param trustedProxies networks in CIDR notation: {@code postern.forwarding.trusted-proxies}
     * @throws IllegalArgumentException if one is not a network; the message names the setting
     */
    public ClientAddresses(List<String> trustedProxies) {
        this.trustedProxies = trustedProxies.stream().map(ClientAddresses::network).toList();
    }

    private static Network network(String cidr) {
        try {
            return Network.parseIgnoringHost(cidr.strip());
        } catch (IllegalArgumentException notANetwork) {
            throw new IllegalArgumentException("postern.forwarding.trusted-proxies: '" + cidr
                    + "' is not a network such as 10.0.0.0/8 or fd00::/8", notANetwork);
        }
    }

    /** Whether the peer is a trusted proxy. */
    public boolean isTrusted(@Nullable InetSocketAddress peer) {
        return peer != null && peer.getAddress() != null && isTrusted(peer.getAddress());
    }

    private boolean isTrusted(InetAddress address) {
        for (int i = 0; i < trustedProxies.size(); i++) {
            if (trustedProxies.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The address of the client. Null if it is unknown: the peer has no address, or a trusted proxy sent something that
     * is not an address, such as {@code unknown}.
     *
     * @param headers returns the values of a header by its case-insensitive name; null or empty if there are none
     */
    public @Nullable InetAddress of(@Nullable InetSocketAddress peer,
            Function<String, ? extends @Nullable List<String>> headers) {
        InetAddress nearest = peer == null ? null : peer.getAddress();
        if (nearest == null || !isTrusted(nearest)) {
            return nearest;
        }
        ForwardedChain chain = ForwardedChain.read(headers);
        if (chain.unreadable()) {
            return null;
        }
        List<String> nodes = chain.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Optional<InetAddress> node = IpAddresses.parse(ForwardedElement.withoutPort(nodes.get(i)));
            if (node.isEmpty()) {
                return null;
            }
            nearest = node.get();
            if (!isTrusted(nearest)) {
                return nearest;
            }
        }
        return nearest;
    }
}
