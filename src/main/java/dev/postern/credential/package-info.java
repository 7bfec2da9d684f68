/** The kinds of credentials as values, and their stored form. This package neither verifies nor creates credentials. */
@NullMarked
package dev.postern.credential;

import org.jspecify.annotations.NullMarked;
