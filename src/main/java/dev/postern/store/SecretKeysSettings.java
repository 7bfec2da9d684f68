package dev.postern.store;

import org.jspecify.annotations.Nullable;

/**
 * Where the secret keys are: {@code postern.secret-keys.*}.
 *
 * @param file The file of the secret keys. The default is {@code <data-dir>/secret-keys.json}.
 * @param create Whether to create the secret keys if their file is missing. If this is not set, the gate creates them
 *     only for the embedded Redis, because gates that share a Redis share the file.
 */
public record SecretKeysSettings(@Nullable String file, @Nullable Boolean create) {}
