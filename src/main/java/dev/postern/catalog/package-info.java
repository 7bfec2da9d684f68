/** The API catalogue: operations, path templates, and where device and stream ids stand in a request. */
@NullMarked
package dev.postern.catalog;

import org.jspecify.annotations.NullMarked;
