/**
 * Devices, seats and license terms of an account. {@code Licensing} decides whether a call is covered, {@code Devices}
 * adds and removes devices, {@code Licenses} and {@code LicenseExtensions} are for the operator.
 */
@NullMarked
package dev.postern.license;

import org.jspecify.annotations.NullMarked;
