/** Redis: the connection, the embedded server, sealed secrets. Knows no feature's key names. */
@NullMarked
package dev.postern.store;

import org.jspecify.annotations.NullMarked;
