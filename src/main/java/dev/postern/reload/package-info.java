/** Reading the settings again while the gate runs: when, and what can be wrong with them. */
@NullMarked
package dev.postern.reload;

import org.jspecify.annotations.NullMarked;
