package dev.postern.proxy;

import dev.postern.telemetry.GateMeters.Learned;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The response to a call with an effect on devices. Its body is copied for the lesson while it is written. */
final class ReplyTap extends ServerHttpResponseDecorator {
    private final ServerWebExchange exchange;
    private final DeviceLearner.Lesson lesson;

    ReplyTap(ServerWebExchange exchange, DeviceLearner.Lesson lesson) {
        super(exchange.getResponse());
        this.exchange = exchange;
        this.lesson = lesson;
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        ReplyCopy copy = newCopy();
        return super.writeWith(copy == null ? body : copy.whole(body));
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        ReplyCopy copy = newCopy();
        return super.writeAndFlushWith(copy == null ? body : copy.parts(body));
    }

    /** A copy for the reply whose head has now arrived; null if its body is not needed. */
    private @Nullable ReplyCopy newCopy() {
        BackendResponse reply = BackendResponse.of(exchange);
        if (reply == null) {
            // A filter of the API has answered: no backend has carried out the call.
            return null;
        }
        try {
            int status = reply.status();
            long length = getHeaders().getContentLength();
            if (status < 200 || status > 299) {
                lesson.end(Learned.UNSUCCESSFUL, "status " + status);
            } else if (isEncoded(getHeaders())) {
                lesson.end(Learned.UNREADABLE, "The reply has a Content-Encoding.");
            } else if (length > ReplyCopy.MAX_REPLY) {
                lesson.end(Learned.TOO_LARGE, length + " bytes");
            }
            return lesson.isOver() ? null : new ReplyCopy(lesson, length);
        } catch (RuntimeException defect) {
            lesson.fail(defect);
            return null;
        }
    }

    private static boolean isEncoded(HttpHeaders headers) {
        return headers.getOrDefault(HttpHeaders.CONTENT_ENCODING, List.of()).stream()
                .anyMatch(encoding -> !encoding.strip().equalsIgnoreCase("identity"));
    }
}
