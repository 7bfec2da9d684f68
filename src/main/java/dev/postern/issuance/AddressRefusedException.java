package dev.postern.issuance;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.Limits;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The application exists and is usable, but its limits do not permit the address of the client. */
public final class AddressRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private AddressRefusedException(String detail) {
        super(detail, null, false, false);
    }

    /**
     * Does nothing if the limits permit the address.
     *
     * @param client null if it is unknown
     * @throws AddressRefusedException if they do not
     */
    static void requirePermitted(Limits limits, @Nullable InetAddress client) {
        AccessDecision.Denied denied = AccessPolicy.refuseAddress(limits, client);
        if (denied != null) {
            throw new AddressRefusedException(denied.detail());
        }
    }

    /** What to tell the client. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
