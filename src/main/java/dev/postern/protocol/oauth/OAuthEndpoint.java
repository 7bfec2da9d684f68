package dev.postern.protocol.oauth;

import dev.postern.access.RequestTarget;
import dev.postern.credential.GrantedScope;
import dev.postern.credential.PresentedCredential;
import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.AccessTokens;
import dev.postern.issuance.AddressRefusedException;
import dev.postern.issuance.Applications;
import dev.postern.protocol.BodyBounds;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.DialectMapping;
import dev.postern.protocol.Failure;
import dev.postern.protocol.Form;
import dev.postern.store.BulkheadFullException;
import dev.postern.store.Replication;
import dev.postern.store.UnreadableRecords;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /oauth/token}, {@code /oauth/revoke} and {@code /oauth/introspect}, for applications with their key and
 * secret.
 */
final class OAuthEndpoint implements DialectMapping.Endpoint {
    private static final String ROOT = "oauth";
    private static final String CLIENT_CREDENTIALS = "client_credentials";
    private static final List<String> METHODS = List.of("POST");
    private static final BodyBounds BOUNDS = new BodyBounds(16 * 1024, Duration.ofSeconds(10));

    private final Applications applications;
    private final AccessTokens tokens;
    private final Replication replication;

    private final ClientAddresses addresses;
    private final UnreadableRecords unreadable;
    private final CustomerChanges customers;

    OAuthEndpoint(Applications applications, AccessTokens tokens, Replication replication, ClientAddresses addresses,
            UnreadableRecords unreadable, CustomerChanges customers) {
        this.customers = customers;
        this.addresses = addresses;
        this.unreadable = unreadable;
        this.applications = applications;
        this.tokens = tokens;
        this.replication = replication;
    }

    private enum Call {
        TOKEN,
        REVOKE,
        INTROSPECT;

        static Optional<Call> at(List<String> path) {
            for (Call call : values()) {
                if (path.equals(List.of(ROOT, call.name().toLowerCase(Locale.ROOT)))) {
                    return Optional.of(call);
                }
            }
            return Optional.empty();
        }
    }

    @Override
    public String firstSegment() {
        return ROOT;
    }

    @Override
    public boolean isAt(List<String> segments) {
        return Call.at(segments).isPresent();
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, RequestTarget target) {
        return Mono.defer(() -> call(exchange.getRequest(), target)).singleOptional()
                .onErrorMap(this::asOAuthException)
                .flatMap(json -> OAuthReply.success(exchange.getResponse(), json))
                .onErrorResume(OAuthException.class,
                        failure -> OAuthReply.failure(exchange.getResponse(), failure, METHODS))
                .onErrorResume(AbortedException.class, Failure::unanswered);
    }

    @Override
    public Mono<Void> refuse(ServerWebExchange exchange, String detail) {
        return OAuthReply.failure(exchange.getResponse(), OAuthException.invalidRequest(detail), METHODS);
    }

    private Mono<ObjectNode> call(ServerHttpRequest request, RequestTarget target) {
        if (!request.getMethod().equals(HttpMethod.POST)) {
            throw new OAuthException(OAuthError.METHOD_NOT_ALLOWED, "The method is not POST.");
        }
        if (!target.parameters().isEmpty()) {
            // Queries end up in logs and histories, which must not contain secrets.
            throw OAuthException.invalidRequest("Parameters must be in the body, not in the query.");
        }
        if (!Form.isDeclared(request.getHeaders())) {
            throw OAuthException.invalidRequest("The body is not application/x-www-form-urlencoded.");
        }
        return BOUNDS.read(request).map(OAuthEndpoint::form)
                .flatMap(form -> call(Call.at(target.segments()).orElseThrow(), ClientSecret.find(
                        request.getHeaders().getOrDefault(HttpHeaders.AUTHORIZATION, List.of()), form),
                        request, form));
    }

    private static Form form(byte[] body) {
        try {
            Form form = Form.read(body);
            if (form.hasRepeats()) {
                throw OAuthException.invalidRequest("A parameter is repeated.");
            }
            return form;
        } catch (IllegalArgumentException malformed) {
            throw OAuthException.invalidRequest("The body is not a valid form in UTF-8.");
        }
    }

    private Mono<ObjectNode> call(Call call, ClientSecret presented, ServerHttpRequest request, Form form) {
        return applications.authenticate(presented.appKey(), presented.secret(),
                addresses.of(request.getRemoteAddress(), request.getHeaders()::get))
                .switchIfEmpty(Mono.error(() -> unknownClient(presented)))
                .flatMap(client -> switch (call) {
                    case TOKEN -> issue(client, form).switchIfEmpty(Mono.error(() -> unknownClient(presented)));
                    case REVOKE -> revoke(client, token(form), request).then(Mono.empty());
                    case INTROSPECT -> tokens.findLive(client.application().account(), token(form))
                            .map(found -> OAuthReply.active(found, found.token().application().equals(client.index())
                                    ? Optional.of(presented.appKey())
                                    : Optional.empty()))
                            .defaultIfEmpty(OAuthReply.inactive());
                });
    }

    /** Records the revocation, unless there is nothing to revoke. */
    private Mono<Boolean> revoke(Applications.Client client, PresentedCredential text, ServerHttpRequest request) {
        Mono<Boolean> revoke = replication.confirmed(tokens.revoke(client, text)).thenReturn(true);
        return tokens.findRevocable(client, text).flatMap(found -> customers.record(
                customers.application(found.token().account(), found.application(), request).change("POST",
                        "/oauth/revoke", OAuthReply.recorded(found), null),
                revoke.onErrorMap(this::asOAuthException), OAuthEndpoint::status, _ -> null)).switchIfEmpty(revoke);
    }

    private static int status(Throwable failure) {
        return failure instanceof OAuthException known ? known.error().status() : OAuthError.SERVER_ERROR.status();
    }

    private Mono<ObjectNode> issue(Applications.Client client, Form form) {
        String grant = value(form, "grant_type")
                .orElseThrow(() -> OAuthException.invalidRequest("The parameter grant_type is missing."));
        if (!grant.equals(CLIENT_CREDENTIALS)) {
            throw new OAuthException(OAuthError.UNSUPPORTED_GRANT_TYPE,
                    "The only supported grant type is client_credentials.");
        }
        Optional<String> scope = value(form, "scope");
        if (scope.isPresent() && !AccessTokens.isScope(scope.get())) {
            throw new OAuthException(OAuthError.INVALID_SCOPE,
                    "A scope is a space-separated list of APIs, or of APIs with actions, such as datapoints:get.");
        }
        GrantedScope granted = tokens.granted(client.application(), scope);
        if (granted.isNothing()) {
            throw new OAuthException(OAuthError.INVALID_SCOPE, "The application has no permission within this scope.");
        }
        // A token without its own scope permits what the application may do at the time of each call.
        return tokens.issue(client, scope.flatMap(_ -> granted.text()))
                .map(issued -> OAuthReply.token(issued, granted));
    }

    private static PresentedCredential token(Form form) {
        return value(form, "token").map(PresentedCredential::new)
                .orElseThrow(() -> OAuthException.invalidRequest("The parameter token is missing."));
    }

    /** A parameter without a value is treated as missing (RFC 6749, section 3.2). */
    static Optional<String> value(Form form, String name) {
        return form.values(name).stream().filter(value -> !value.isEmpty()).findFirst();
    }

    private static OAuthException unknownClient(ClientSecret presented) {
        return OAuthException.invalidClient(presented.inHeader(), "The key or the secret is wrong.");
    }

    private RuntimeException asOAuthException(Throwable failure) {
        return failure instanceof OAuthException known
                ? known
                : failure instanceof BulkheadFullException
                        ? new OAuthException(OAuthError.TEMPORARILY_UNAVAILABLE, "The gate is busy. Try again.")
                        : failure instanceof AddressRefusedException refused
                                ? new OAuthException(OAuthError.UNAUTHORIZED_CLIENT, refused.detail())
                                : switch (Failure.of(failure, "/oauth", unreadable)) {
                                    case CLIENT_GONE -> new AbortedException(failure);
                                    case BODY_LATE ->
                                        new OAuthException(OAuthError.BODY_LATE, "The body did not arrive in time.");
                                    case BODY_TOO_LARGE -> new OAuthException(OAuthError.BODY_TOO_LARGE,
                                            "The body has more than " + BOUNDS.maxBytes() + " bytes.");
                                    case STORE_UNAVAILABLE -> new OAuthException(OAuthError.TEMPORARILY_UNAVAILABLE,
                                            "The credential store cannot be reached.");
                                    case RECORD_UNREADABLE, INTERNAL ->
                                        new OAuthException(OAuthError.SERVER_ERROR, "Internal error in the gate.");
                                };
    }
}
