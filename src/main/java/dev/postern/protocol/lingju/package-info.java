/** The Lingju dialect: the authorization of terminals. */
@NullMarked
package dev.postern.protocol.lingju;

import org.jspecify.annotations.NullMarked;
