/** The authorization of terminals as clients of Lingju know it. */
@NullMarked
package dev.postern.protocol.lingju;

import org.jspecify.annotations.NullMarked;
