package dev.postern.console;

import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Looks at the receipt of a change again: the script of a page with a receipt asks for it every two seconds, and
 * without scripts there is a link. As a filter, it shows the receipt on a page to which a change led.
 */
final class ReceiptPages implements HandlerFilterFunction<ServerResponse, ServerResponse> {
    /** The query parameter of a page to which a change led. */
    private static final String CHANGE = "change";
    private static final String REPLICAS = "replicas";

    private final Api api;
    private final Templates templates;
    private final Clock clock;

    ReceiptPages(Api api, Templates templates, Clock clock) {
        this.api = api;
        this.templates = templates;
        this.clock = clock;
    }

    void addTo(RouterFunctions.Builder routes) {
        routes.GET(ConsoleFilter.ROOT + "/receipts/{change}", this::show);
    }

    /** Leads to a page that shows the receipt of the change that this request made. */
    static Mono<ServerResponse> redirect(ServerRequest request, String path) {
        String query = Receipt.of(request).filter(receipt -> !receipt.change().isEmpty())
                .map(receipt -> "?" + CHANGE + "=" + Api.segment(receipt.change())
                        + (receipt.lacksReplicas() ? "&" + REPLICAS + "=short" : ""))
                .orElse("");
        return ServerResponse.seeOther(URI.create(path + query)).build();
    }

    @Override
    public Mono<ServerResponse> filter(ServerRequest request, HandlerFunction<ServerResponse> next) {
        Optional<String> change = request.queryParam(CHANGE);
        return change.isEmpty() || !request.method().equals(HttpMethod.GET)
                ? next.handle(request)
                : look(request, change.get()).doOnNext(receipt -> receipt.attachTo(request)).onErrorComplete(
                        Api.RefusedException.class).then(Mono.defer(() -> next.handle(request)));
    }

    private Mono<Receipt> look(ServerRequest request, String change) {
        long until = request.queryParam("until").filter(text -> text.matches("\\d{1,18}")).map(Long::parseLong)
                .orElse(Long.MAX_VALUE);
        return api.get(request, "/api/v1/receipts/" + Api.segment(change))
                .map(found -> Receipt.read(found, clock.instant(), until)
                        .lackingReplicas(request.queryParam(REPLICAS).isPresent()));
    }

    private Mono<ServerResponse> show(ServerRequest request) {
        boolean script = !request.headers().header("HX-Request").isEmpty();
        return look(request, request.pathVariable("change")).flatMap(receipt -> receipt.looking()
                && request.queryParam("seen").filter(receipt.seen()::equals).isPresent()
                        ? ServerResponse.noContent().build()
                        : page(request, receipt, HttpStatus.OK))
                .onErrorResume(Api.RefusedException.class,
                        refused -> refused.status() == HttpStatus.NOT_FOUND.value()
                                // A script shows a page only if its status is not an error.
                                ? page(request, Receipt.unknown(refused.detail()),
                                        script ? HttpStatus.OK : HttpStatus.NOT_FOUND)
                                : Mono.error(refused));
    }

    private Mono<ServerResponse> page(ServerRequest request, Receipt receipt, HttpStatus status) {
        receipt.attachTo(request);
        return Page.of(templates, request, "receipt").with("active", "receipt").show(status);
    }
}
