package dev.postern.audit;

import dev.postern.access.AccountId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A change that is about to be made. None of its members may contain a secret.
 *
 * @param action  the verb, such as {@code PUT}
 * @param target  the path of what is changed
 * @param account the account that it belongs to; empty if it belongs to none
 * @param before  its state before the change; null if it did not exist or is not known
 * @param request the JSON body of the request; null if it has none, or is not recorded
 */
public record Change(Actor actor, String action, String target, Optional<AccountId> account,
        @Nullable ObjectNode before, @Nullable ObjectNode request) {}
