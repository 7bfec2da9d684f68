/** The sample device backend and sample data that the first start brings. Nothing uses it. */
@NullMarked
package dev.postern.demo;

import org.jspecify.annotations.NullMarked;
