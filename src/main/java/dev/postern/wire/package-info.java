/**
 * Strict reading of HTTP/1.1 responses, for every connection that the gate opens. Knows nothing about accounts or APIs.
 */
@NullMarked
package dev.postern.wire;

import org.jspecify.annotations.NullMarked;
