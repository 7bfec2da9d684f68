package dev.postern.management;

import dev.postern.account.CallRevision;
import dev.postern.account.Revision;
import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Parameter;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Runs the handler of an operation for calls that comply with its declaration. Adds what the declaration promises: the
 * {@code ETag}, conditional requests, and calls that can be repeated.
 */
final class CheckedCall implements HandlerFunction<ServerResponse> {
    private final Operation operation;
    private final HandlerFunction<ServerResponse> call;
    private final List<String> parameters;

    CheckedCall(Operation operation, HandlerFunction<ServerResponse> call) {
        this.operation = operation;
        this.call = call;
        this.parameters = operation.parameters().stream().map(Parameter::name).toList();
    }

    @Override
    public Mono<ServerResponse> handle(ServerRequest request) {
        operation.serve(request.attributes());
        checkParameters(request);
        HttpHeaders headers = request.headers().asHttpHeaders();
        // If a condition were ignored, an update could be lost.
        refuseUnless(Trait.IF_MATCH, HttpHeaders.IF_MATCH, headers);
        if (!operation.reads()) {
            refuseUnless(Trait.IF_NONE_MATCH, HttpHeaders.IF_NONE_MATCH, headers);
        }
        refuseUnless(Trait.IDEMPOTENCY_KEY, Idempotency.KEY, headers);
        CallRevision revision = new CallRevision(EntityTags.ifMatch(headers));
        Optional<Predicate<Revision>> known = EntityTags.ifNoneMatch(headers);
        return Idempotency.apply(request, Mono.defer(() -> call.handle(request))
                .flatMap(reply -> tagged(request, reply, revision, known)).contextWrite(revision::in));
    }

    private void checkParameters(ServerRequest request) {
        if (!parameters.containsAll(request.queryParams().keySet())) {
            // Its name is not quoted: it may be a misplaced secret.
            throw JsonInput.invalid(parameters.isEmpty()
                    ? "This call has no query parameters."
                    : "The query has an unknown parameter; allowed are " + String.join(", ", parameters) + ".");
        }
    }

    private void refuseUnless(Trait trait, String header, HttpHeaders headers) {
        if (!operation.has(trait) && headers.containsHeader(header)) {
            throw new ProblemException(Problem.REQUEST_MALFORMED, "This call does not support " + header + ".");
        }
    }

    private Mono<ServerResponse> tagged(ServerRequest request, ServerResponse reply, CallRevision revision,
            Optional<Predicate<Revision>> known) {
        Optional<Revision> latest = revision.latest().filter(_ -> operation.has(Trait.ETAG));
        if (latest.isEmpty()) {
            return Mono.just(reply);
        }
        // Not set in the ServerResponse: Spring would then answer conditional GETs of any operation with 304.
        request.exchange().getResponse().getHeaders().setETag(EntityTags.of(latest.get()));
        return operation.has(Trait.IF_NONE_MATCH) && known.filter(test -> test.test(latest.get())).isPresent()
                ? ServerResponse.status(HttpStatus.NOT_MODIFIED).cacheControl(CacheControl.noStore()).build()
                : Mono.just(reply);
    }
}
