package dev.postern.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test of something that the whole JVM shares: its log, its buffers, the memory that its threads allocate. No other class
 * runs in this JVM at the same time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("integration")
@Tag("process")
public @interface NeedsItsProcess {
}
