package dev.postern.call;

import dev.postern.catalog.BackendAddress;

/** The address of the sample backend, which is the backend of all APIs as long as {@code postern.backend} is not set. */
public record SampleAddress(BackendAddress address) {}
