package dev.postern.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test of what clients and backends see. Runs with the express lane, and a second time without it if {@code CI=true}
 * or with {@code -Dlong}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("lanes")
public @interface BothLanes {
}
