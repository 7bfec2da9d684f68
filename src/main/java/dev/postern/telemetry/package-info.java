/** Meter names and tags in one place. */
@NullMarked
package dev.postern.telemetry;

import org.jspecify.annotations.NullMarked;
