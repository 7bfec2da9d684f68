/** The Juying dialect: the login of applications. */
@NullMarked
package dev.postern.protocol.juying;

import org.jspecify.annotations.NullMarked;
