package dev.postern.protocol.lingju;

import dev.postern.access.DeviceId;
import dev.postern.access.RequestTarget;
import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.AddressRefusedException;
import dev.postern.issuance.Terminals;
import dev.postern.issuance.Terminals.Authorization;
import dev.postern.protocol.BodyBounds;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.DialectMapping;
import dev.postern.protocol.Failure;
import dev.postern.protocol.Form;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.databind.json.JsonMapper;

/** {@code /httpapi/authorize.do}: issues a token to a terminal of an application. */
final class AuthorizeEndpoint implements DialectMapping.Endpoint {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> PATH = List.of("httpapi", "authorize.do");
    private static final BodyBounds BOUNDS = new BodyBounds(16 * 1024, Duration.ofSeconds(10));

    private final Terminals terminals;
    private final Clock clock;
    private final ClientAddresses addresses;
    private final UnreadableRecords unreadable;
    private final CustomerChanges customers;

    AuthorizeEndpoint(Terminals terminals, Clock clock, ClientAddresses addresses, UnreadableRecords unreadable,
            CustomerChanges customers) {
        this.customers = customers;
        this.addresses = addresses;
        this.unreadable = unreadable;
        this.terminals = terminals;
        this.clock = clock;
    }

    @Override
    public String firstSegment() {
        return PATH.getFirst();
    }

    @Override
    public boolean isAt(List<String> segments) {
        return segments.equals(PATH);
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, RequestTarget target) {
        return Mono.defer(() -> authorize(exchange.getRequest(), target))
                .onErrorMap(this::asAuthorizeException)
                .flatMap(authorized -> AuthorizeReply.success(exchange.getResponse(), authorized, clock.instant()))
                .onErrorResume(AuthorizeException.class,
                        failure -> AuthorizeReply.failure(exchange.getResponse(), failure))
                .onErrorResume(AbortedException.class, Failure::unanswered);
    }

    @Override
    public Mono<Void> refuse(ServerWebExchange exchange, String detail) {
        return AuthorizeReply.failure(exchange.getResponse(),
                new AuthorizeException(AuthorizeError.PARAMETER_INVALID, detail));
    }

    private Mono<Authorization.Authorized> authorize(ServerHttpRequest request, RequestTarget target) {
        boolean isPost = request.getMethod().equals(HttpMethod.POST);
        if (!isPost && !request.getMethod().equals(HttpMethod.GET)) {
            throw new AuthorizeException(AuthorizeError.PARAMETER_INVALID, "the method is neither GET nor POST");
        }
        boolean isForm = isPost && Form.isDeclared(request.getHeaders());
        // A body that is not a form is read and ignored: one client sends an empty JSON object with its query.
        return BOUNDS.read(request)
                .map(body -> AuthorizeInput.read(target, isForm ? Optional.of(body) : Optional.empty()))
                .flatMap(input -> terminals.authorize(input.appKey(), input.userId(), input.authcode(),
                        addresses.of(request.getRemoteAddress(), request.getHeaders()::get),
                        (account, application, admission) -> recorded(
                                customers.application(account, application, request),
                                input.userId(), admission)))
                .map(AuthorizeEndpoint::authorized);
    }

    /** Only a terminal that gets a new place is recorded: terminals ask for their token again and again. */
    private Mono<Authorization> recorded(CustomerChanges.Customer application, DeviceId userId,
            Mono<Authorization> admission) {
        return customers.record(
                application.change("POST", "/" + String.join("/", PATH), null,
                        JSON.createObjectNode().put("userid", userId.value())),
                admission.doOnNext(AuthorizeEndpoint::authorized).onErrorMap(this::asAuthorizeException),
                AuthorizeEndpoint::status, _ -> null);
    }

    private static int status(Throwable failure) {
        return failure instanceof AuthorizeException known && known.error() != AuthorizeError.SYSTEM
                ? HttpStatus.BAD_REQUEST.value()
                : HttpStatus.INTERNAL_SERVER_ERROR.value();
    }

    private static Authorization.Authorized authorized(Authorization authorization) {
        return switch (authorization) {
            case Authorization.Authorized authorized -> authorized;
            case Authorization.ApplicationUnknown() -> throw new AuthorizeException(AuthorizeError.APPKEY_INVALID);
            case Authorization.ApplicationDisabled() ->
                throw new AuthorizeException(AuthorizeError.APPLICATION_RESTRICTED);
            case Authorization.AuthcodeMissing() -> throw new AuthorizeException(AuthorizeError.PARAMETER_INVALID,
                    "this application is for hardware, whose terminals need an authcode");
            case Authorization.AuthcodeUnknown() -> throw new AuthorizeException(AuthorizeError.AUTHCODE_INVALID);
            case Authorization.AuthcodeExpired() -> throw new AuthorizeException(AuthorizeError.AUTHCODE_EXPIRED);
            case Authorization.QuotaFull() -> throw new AuthorizeException(AuthorizeError.QUOTA_FULL);
        };
    }

    private RuntimeException asAuthorizeException(Throwable failure) {
        return failure instanceof AuthorizeException known
                ? known
                : failure instanceof AddressRefusedException refused
                        ? new AuthorizeException(AuthorizeError.APPLICATION_RESTRICTED, refused.detail())
                        : switch (Failure.of(failure, "authorize.do", unreadable)) {
                            case CLIENT_GONE -> new AbortedException(failure);
                            case BODY_LATE -> new AuthorizeException(AuthorizeError.PARAMETER_INVALID,
                                    "the body did not arrive in time");
                            case BODY_TOO_LARGE -> new AuthorizeException(AuthorizeError.PARAMETER_INVALID,
                                    "the body is too large");
                            case STORE_UNAVAILABLE, RECORD_UNREADABLE, INTERNAL ->
                                new AuthorizeException(AuthorizeError.SYSTEM);
                        };
    }
}
