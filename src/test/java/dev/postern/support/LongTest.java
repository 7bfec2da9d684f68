package dev.postern.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test, or a class of tests, that takes at least half a minute, or at least a few seconds if it must run alone:
 * failovers of real Redis servers, load, fuzzing, gates in processes of their own, and walks through many pages. Runs
 * only if {@code CI=true}, or with {@code -Dlong}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("long")
public @interface LongTest {
}
