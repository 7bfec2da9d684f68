package dev.postern.call;

import dev.postern.catalog.BackendAddress;
import java.util.Optional;

/** The backend of every API that has none of its own ({@code postern.backend}); empty when none is configured. */
public record CommonBackend(Optional<BackendAddress> address) {}
