package dev.postern.decision;

import dev.postern.authentication.Presentation;
import dev.postern.authentication.Rehearsal.Identity;
import java.util.Optional;

/** Who makes the call to explain. */
public sealed interface Who {
    /** Whoever presents the credential in the headers of the call; the headers may have none. */
    record Presents() implements Who {}

    /**
     * The credential with this index, with its current secret; for an application, an access token without a scope.
     *
     * @param user the user that a JWT is signed for; ignored for other credentials
     */
    record Known(String index, Optional<String> user) implements Who {}

    /** The same caller as an {@link Identity}. */
    default Identity of(HypotheticalCall call) {
        return switch (this) {
            case Presents() -> new Identity.Presented(Presentation.read(call::header));
            case Known(var index, var user) -> new Identity.Known(index, user);
        };
    }
}
