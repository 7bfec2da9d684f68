/** The audit log: every change, chained so that no entry can be edited or removed unnoticed. */
@NullMarked
package dev.postern.audit;

import org.jspecify.annotations.NullMarked;
