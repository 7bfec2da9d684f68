/** The application: where its parts are put together. */
@NullMarked
package dev.postern;

import org.jspecify.annotations.NullMarked;
