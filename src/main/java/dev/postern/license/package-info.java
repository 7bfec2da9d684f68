/**
 * Devices, seats and license terms of an account. {@code Licensing} says whether a call is covered, {@code Devices} knows whose a
 * device is, {@code Licenses} and {@code LicenseExtensions} are the operator's.
 */
@NullMarked
package dev.postern.license;

import org.jspecify.annotations.NullMarked;
