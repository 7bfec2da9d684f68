package dev.postern.proxy;

import dev.postern.catalog.BackendAddress;
import java.util.Optional;

/** The backend of every API that names none of its own; empty when there is none. */
public record CommonBackend(Optional<BackendAddress> address) {}
