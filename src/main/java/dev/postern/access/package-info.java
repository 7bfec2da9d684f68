/** The pure core: IDs, permissions, access requests, decisions and the policy. Uses nothing but the JDK. */
@NullMarked
package dev.postern.access;

import org.jspecify.annotations.NullMarked;
