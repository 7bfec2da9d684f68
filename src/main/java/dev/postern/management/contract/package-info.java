/**
 * Declares what each call of the management API accepts and returns. One declaration routes a call, checks its
 * parameters and members, and describes it in the OpenAPI document.
 */
@NullMarked
package dev.postern.management.contract;

import org.jspecify.annotations.NullMarked;
