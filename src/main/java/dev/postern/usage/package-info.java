/** Counts the devices that were active, by day and by month. */
@NullMarked
package dev.postern.usage;

import org.jspecify.annotations.NullMarked;
