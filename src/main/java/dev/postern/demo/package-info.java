/** The sample device backend and the sample data of the first start. No other package uses it. */
@NullMarked
package dev.postern.demo;

import org.jspecify.annotations.NullMarked;
