/** The management REST API, on the management port only. */
@NullMarked
package dev.postern.management;

import org.jspecify.annotations.NullMarked;
