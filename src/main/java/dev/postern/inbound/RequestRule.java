package dev.postern.inbound;

import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** One thing that holds for the head of every request. */
@FunctionalInterface
interface RequestRule {
    /** Why the request is refused; null if it is in order, perhaps after the rule has mended it. */
    @Nullable Refusal check(HttpRequest request);
}
