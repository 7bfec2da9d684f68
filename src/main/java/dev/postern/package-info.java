/** The application: binds the settings and wires the parts. */
@NullMarked
package dev.postern;

import org.jspecify.annotations.NullMarked;
