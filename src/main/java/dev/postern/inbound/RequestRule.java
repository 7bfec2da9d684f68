package dev.postern.inbound;

import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A rule that the head of every request must satisfy. May also modify the request. */
@FunctionalInterface
interface RequestRule {
    /** The reason to refuse the request; null if it is valid, or if the rule has corrected it. */
    @Nullable Refusal check(HttpRequest request);
}
