/**
 * Accounts, their projects and users, and what the lists of all accounts use: pages, name search, stored sizes.
 */
@NullMarked
package dev.postern.account;

import org.jspecify.annotations.NullMarked;
