/** What the dialects on the public port have in common: how a call is found, its body read, and its answer written. */
@NullMarked
package dev.postern.protocol;

import org.jspecify.annotations.NullMarked;
