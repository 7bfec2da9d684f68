/** The login of applications as clients of Juying know it. */
@NullMarked
package dev.postern.protocol.juying;

import org.jspecify.annotations.NullMarked;
