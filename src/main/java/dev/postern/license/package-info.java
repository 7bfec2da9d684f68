/**
 * Devices, seats and license terms of an account. {@code LicenseCheck} decides whether a call is covered,
 * {@code Devices} adds and removes devices, {@code LicenseManagement} and {@code LicenseExtensions} are for the
 * operator.
 */
@NullMarked
package dev.postern.license;

import org.jspecify.annotations.NullMarked;
