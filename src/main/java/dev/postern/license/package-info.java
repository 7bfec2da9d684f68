/**
 * Devices, seats and license terms of an account. {@code LicenseCheck} decides whether a call is covered and takes its seats,
 * {@code Devices} knows the owner of each device, and operators use {@code LicenseManagement} and {@code LicenseExtensions}.
 */
@NullMarked
package dev.postern.license;

import org.jspecify.annotations.NullMarked;
