/** Reads and verifies compact JWS and JWE with limits on their sizes and pinned keys; knows nothing about accounts. */
@NullMarked
package dev.postern.jose;

import org.jspecify.annotations.NullMarked;
