/** The kinds of credentials as values, and how they are stored. Nothing here verifies or makes one. */
@NullMarked
package dev.postern.credential;

import org.jspecify.annotations.NullMarked;
