/** Finds items of a list by their names: the search term, and an index of the names in memory. */
@NullMarked
package dev.postern.search;

import org.jspecify.annotations.NullMarked;
