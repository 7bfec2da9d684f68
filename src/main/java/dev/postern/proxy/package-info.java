/** The data plane: the access filter, the denial writer, header filtering, and routes made from the catalogue. */
@NullMarked
package dev.postern.proxy;

import org.jspecify.annotations.NullMarked;
