package dev.postern.protocol.juying;

import dev.postern.access.RequestTarget;
import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.AddressRefusedException;
import dev.postern.issuance.Applications;
import dev.postern.protocol.BodyBounds;
import dev.postern.protocol.DialectMapping;
import dev.postern.protocol.Failure;
import dev.postern.store.UnreadableRecords;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** {@code /api/v1/user/login-app}: issues an access token to an application for its key and secret. */
final class LoginAppEndpoint implements DialectMapping.Endpoint {
    private static final List<String> PATH = List.of("api", "v1", "user", "login-app");
    private static final BodyBounds BOUNDS = new BodyBounds(16 * 1024, Duration.ofSeconds(10));

    private final Applications applications;
    private final AccessTokens tokens;
    private final Clock clock;

    private final ClientAddresses addresses;
    private final UnreadableRecords unreadable;

    LoginAppEndpoint(Applications applications, AccessTokens tokens, Clock clock, ClientAddresses addresses,
            UnreadableRecords unreadable) {
        this.addresses = addresses;
        this.unreadable = unreadable;
        this.applications = applications;
        this.tokens = tokens;
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
        return Mono.defer(() -> login(exchange.getRequest()))
                .onErrorMap(this::asLoginException)
                .flatMap(issued -> LoginReply.success(exchange.getResponse(), issued.text(), clock.millis()))
                .onErrorResume(LoginException.class,
                        failure -> LoginReply.failure(exchange.getResponse(), failure, clock.millis()))
                .onErrorResume(AbortedException.class, Failure::unanswered);
    }

    @Override
    public Mono<Void> refuse(ServerWebExchange exchange, String detail) {
        return LoginReply.failure(exchange.getResponse(), new LoginException(LoginError.MALFORMED, detail),
                clock.millis());
    }

    private Mono<AccessTokens.Issued> login(ServerHttpRequest request) {
        if (!request.getMethod().equals(HttpMethod.POST)) {
            throw new LoginException(LoginError.METHOD_UNKNOWN);
        }
        return BOUNDS.read(request).map(LoginInput::read)
                .flatMap(input -> applications.authenticate(input.appKey(), input.appSecret(),
                        addresses.of(request.getRemoteAddress(), request.getHeaders()::get)))
                .flatMap(client -> tokens.issue(client, Optional.empty()))
                .switchIfEmpty(Mono.error(() -> new LoginException(LoginError.WRONG_SECRET)));
    }

    private RuntimeException asLoginException(Throwable failure) {
        return failure instanceof LoginException known
                ? known
                : failure instanceof AddressRefusedException refused
                        ? new LoginException(LoginError.ADDRESS_NOT_PERMITTED, refused.detail())
                        : switch (Failure.of(failure, "login-app", unreadable)) {
                            case CLIENT_GONE -> new AbortedException(failure);
                            case BODY_LATE -> new LoginException(LoginError.BODY_LATE);
                            case BODY_TOO_LARGE -> new LoginException(LoginError.BODY_TOO_LARGE);
                            case STORE_UNAVAILABLE -> new LoginException(LoginError.STORE_UNAVAILABLE);
                            case RECORD_UNREADABLE, INTERNAL -> new LoginException(LoginError.INTERNAL);
                        };
    }
}
