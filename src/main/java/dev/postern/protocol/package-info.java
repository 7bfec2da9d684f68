/** The code that the dialects on the public port share: mapping calls, reading bodies and writing answers. */
@NullMarked
package dev.postern.protocol;

import org.jspecify.annotations.NullMarked;
