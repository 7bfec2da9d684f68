/** The sample device backend and the sample data of the first start. Only the root package uses this package. */
@NullMarked
package dev.postern.demo;

import org.jspecify.annotations.NullMarked;
