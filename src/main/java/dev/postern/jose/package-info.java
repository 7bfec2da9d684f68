/** Reads and verifies compact JWS and JWE within bounds and under pinned keys; knows nothing of accounts. */
@NullMarked
package dev.postern.jose;

import org.jspecify.annotations.NullMarked;
