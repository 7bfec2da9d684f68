/**
 * Decides whether a call may be made: {@link dev.postern.decision.AccessGate}. The data plane asks it for each call;
 * the management API asks it for hypothetical calls, to explain them.
 */
@NullMarked
package dev.postern.decision;

import org.jspecify.annotations.NullMarked;
