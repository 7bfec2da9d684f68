package dev.postern.console;

import dev.postern.store.BulkheadFullException;
import dev.postern.store.StoreUnavailableException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Turns every failure of a page into a page that says what went wrong. */
final class ConsoleErrors implements HandlerFilterFunction<ServerResponse, ServerResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleErrors.class);

    private final Templates templates;

    ConsoleErrors(Templates templates) {
        this.templates = templates;
    }

    @Override
    public Mono<ServerResponse> filter(ServerRequest request, HandlerFunction<ServerResponse> next) {
        return next.handle(request).onErrorResume(failure -> {
            if (request.exchange().getResponse().isCommitted()) {
                // A file is cut off: the connection must be closed, or the file would look whole.
                return Mono.error(failure);
            }
            return isPassing(failure) && Kept.isForm(request) ? kept(request, failure) : page(request, failure);
        });
    }

    /** Whether the same request may succeed in a moment. */
    private static boolean isPassing(Throwable failure) {
        return failure instanceof StoreUnavailableException || failure instanceof BulkheadFullException
                || (failure instanceof Api.RefusedException refused
                        && refused.status() == HttpStatus.SERVICE_UNAVAILABLE.value());
    }

    /** The page that keeps what was typed. */
    private Mono<ServerResponse> kept(ServerRequest request, Throwable failure) {
        return Forms.read(request).flatMap(form -> form.typed().isEmpty()
                ? page(request, failure)
                : Kept.page(templates, request, HttpStatus.SERVICE_UNAVAILABLE, form, request.uri().getRawPath(),
                        form.get("_csrf"), "kept.store", "kept.again"))
                .onErrorResume(_ -> page(request, failure));
    }

    /** The page for a path at which there is nothing. */
    Mono<ServerResponse> notFound(ServerRequest request) {
        return Failures.page(templates, request, HttpStatus.NOT_FOUND, "failure.not-found", "");
    }

    private Mono<ServerResponse> page(ServerRequest request, Throwable failure) {
        return switch (failure) {
            case Api.RefusedException refused -> Failures.page(templates, request,
                    HttpStatus.valueOf(refused.status()), message(refused.status()), refused.detail());
            case StoreUnavailableException _ -> Failures.page(templates, request, HttpStatus.SERVICE_UNAVAILABLE,
                    "failure.store", "");
            case BulkheadFullException busy -> Failures.page(templates, request, HttpStatus.SERVICE_UNAVAILABLE,
                    "failure.busy", String.valueOf(busy.getMessage()));
            case RejectedExecutionException _ -> ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE).build();
            case DataBufferLimitException _ -> Failures.page(templates, request, HttpStatus.CONTENT_TOO_LARGE,
                    "failure.malformed", "");
            case IllegalArgumentException _,TimeoutException _ ->
                Failures.page(templates, request, HttpStatus.BAD_REQUEST,
                        "failure.malformed", "");
            default -> {
                LOG.error("A page of the console failed", failure);
                yield Failures.page(templates, request, HttpStatus.INTERNAL_SERVER_ERROR, "failure.internal", "");
            }
        };
    }

    private static String message(int status) {
        return switch (status) {
            case 403 -> "failure.role";
            case 404 -> "failure.not-found";
            case 503 -> "failure.store";
            default -> "failure.refused";
        };
    }
}
