/** Builds the container image; {@code src/image/README.md} describes the steps. */
@NullMarked
package dev.postern.image;

import org.jspecify.annotations.NullMarked;
