package dev.postern.credential;

import dev.postern.access.OldSecret;
import java.util.Optional;

/**
 * A credential that is looked up by its secret, and can get a new secret.
 *
 * @param <C> its kind
 */
public sealed interface Rotatable<C> extends Credential.Managed permits ApiKey, StaticToken {
    /** Its secrets; empty if it still has the first one only. */
    Optional<Rotation> rotation();

    /** @param sealed the current secret, sealed; ignored if its owner cannot see it */
    C with(Rotation rotation, Optional<String> sealed);

    /** The current secret, sealed; empty if its owner cannot see it. */
    Optional<String> sealed();

    /** Its secrets, whether it was rotated or not. */
    default Rotation secrets(String home) {
        return rotation().orElseGet(() -> Rotation.none(home, created()));
    }

    @Override
    default Optional<OldSecret> oldSecret() {
        return rotation().flatMap(Rotation::oldSecret);
    }
}
