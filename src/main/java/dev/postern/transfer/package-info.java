/**
 * Writes accounts as documents of one JSON object per line, compares such documents with the store, and applies them.
 * Secrets stay as they are stored: as keyed hashes, or sealed.
 */
@NullMarked
package dev.postern.transfer;

import org.jspecify.annotations.NullMarked;
