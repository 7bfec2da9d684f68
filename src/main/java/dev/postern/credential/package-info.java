/** Finds and verifies what a caller presents, one class a kind; issues and revokes. */
@NullMarked
package dev.postern.credential;

import org.jspecify.annotations.NullMarked;
