/** The OneNET dialect, {@code /keys}: an account manages its API keys with its master key. */
@NullMarked
package dev.postern.protocol.onenet;

import org.jspecify.annotations.NullMarked;
