package dev.postern.console;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The key holder's page on the public port. The page itself is part of the management port, which starts later, and
 * opens it here. Its work is done by threads of its own, and bounded, so that nobody can slow down the calls of devices
 * or the console with it.
 */
public final class PublicPages {
    /** How many requests with the cookie of a session, which may have ended, are open at a time. */
    static final int MAX_HOLDERS = 64;
    /** How many other requests are open at a time. They can be slow, but cannot take the place of a holder. */
    static final int MAX_STRANGERS = 64;

    /** The longest form of somebody without a session: a master key. */
    private static final int STRANGERS_FORM = 16 * 1024;

    private final AtomicInteger holders = new AtomicInteger();
    private final AtomicInteger strangers = new AtomicInteger();
    private volatile @Nullable Opened opened;

    /** @param isSession whether a text is the ID of a session */
    private record Opened(Pages pages, Predicate<String> isSession, Scheduler workers) {}

    void open(Pages pages, Predicate<String> isSession, Scheduler workers) {
        opened = new Opened(pages, isSession, workers);
    }

    /** The first segment of all paths of the page. */
    public static String firstSegment() {
        return Site.KEY_HOLDER.root().substring(1);
    }

    /**
     * Answers a request.
     *
     * @param client the address of the client
     */
    public Mono<Void> handle(ServerWebExchange exchange, String client) {
        return Mono.defer(() -> {
            Opened now = opened;
            return now == null ? unavailable(exchange) : handle(exchange, client, now);
        });
    }

    private Mono<Void> handle(ServerWebExchange exchange, String client, Opened now) {
        HttpCookie cookie = exchange.getRequest().getCookies().getFirst(KeyHolderVisitors.COOKIE);
        boolean holder = cookie != null && now.isSession().test(cookie.getValue());
        AtomicInteger open = holder ? holders : strangers;
        if (open.incrementAndGet() > (holder ? MAX_HOLDERS : MAX_STRANGERS)) {
            open.decrementAndGet();
            return unavailable(exchange);
        }
        Addresses.put(exchange, client);
        Forms.Bounds bounds = new Forms.Bounds(holder ? Forms.MAX_BYTES : STRANGERS_FORM, now.workers());
        bounds.attachTo(exchange);
        return Mono.defer(() -> now.pages().handle(exchange)).subscribeOn(now.workers())
                .onErrorResume(RejectedExecutionException.class, _ -> unavailable(exchange))
                .doFinally(_ -> open.decrementAndGet());
    }

    /** Answers a request whose target can be read in two ways. */
    public Mono<Void> refuse(ServerWebExchange exchange) {
        return answer(exchange, HttpStatus.BAD_REQUEST);
    }

    private static Mono<Void> unavailable(ServerWebExchange exchange) {
        exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        return answer(exchange, HttpStatus.SERVICE_UNAVAILABLE);
    }

    private static Mono<Void> answer(ServerWebExchange exchange, HttpStatus status) {
        Pages.addHeaders(exchange);
        exchange.getResponse().setStatusCode(status);
        return exchange.getResponse().setComplete();
    }
}
