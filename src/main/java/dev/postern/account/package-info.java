/** Accounts, their projects and users, and what all lists of an account share: pages, name search, stored sizes. */
@NullMarked
package dev.postern.account;

import org.jspecify.annotations.NullMarked;
