package dev.postern.store;

import org.jspecify.annotations.Nullable;

/**
 * Where the secret keys are: {@code postern.secret-keys.*}.
 *
 * @param file   the file; {@code <data-dir>/secret-keys.json} when left out
 * @param create whether to make it when it is missing; when left out, only for the embedded Redis: gates that share one
 *               share the file too
 */
public record SecretKeysSettings(@Nullable String file, @Nullable Boolean create) {}
