/**
 * One call to a device API: what the gate knows about it, the {@link dev.postern.call.FrontDoor} that decides it, and
 * the rules for headers and denials. Whoever forwards the call follows the same rules.
 */
@NullMarked
package dev.postern.call;

import org.jspecify.annotations.NullMarked;
