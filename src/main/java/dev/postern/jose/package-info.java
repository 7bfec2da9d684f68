/**
 * Reads and verifies compact JWS and JWE, with limits on their sizes. Takes the algorithm from the key, never from the
 * token. Knows nothing about accounts.
 */
@NullMarked
package dev.postern.jose;

import org.jspecify.annotations.NullMarked;
