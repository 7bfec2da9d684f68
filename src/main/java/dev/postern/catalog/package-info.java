/** The API catalogue: operations, path templates, and where the device and stream IDs of a request are. */
@NullMarked
package dev.postern.catalog;

import org.jspecify.annotations.NullMarked;
