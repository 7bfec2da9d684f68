/**
 * Accounts, their projects and users, and the parts that all lists of an account share: pages, name search, stored
 * sizes.
 */
@NullMarked
package dev.postern.account;

import org.jspecify.annotations.NullMarked;
