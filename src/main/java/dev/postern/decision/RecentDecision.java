package dev.postern.decision;

import dev.postern.access.AccessRequest;
import dev.postern.access.CredentialId;
import dev.postern.access.DenyReason;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decision about a call, without its secret.
 *
 * @param at         when it was made, in milliseconds since 1970
 * @param credential the credential that was presented
 * @param listed     the credential as the account's lists show it: itself, or the one that it comes from
 * @param user       the user that a JWT was signed for
 * @param request    what was called
 * @param client     the address of the client; null if it is unknown
 * @param denied     why it was refused; null if it was allowed
 */
record RecentDecision(long at, CredentialId credential, CredentialId listed, Optional<String> user,
        AccessRequest request, @Nullable InetAddress client, @Nullable DenyReason denied) {}
