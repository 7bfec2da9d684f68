package dev.postern.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test that has its own gates, Redis and ports, and spends most of its time waiting for them. Its class runs in
 * parallel with others; it must not assert that something is missing from the log, because others write there at the
 * same time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("integration")
public @interface OwnsItsGate {
}
