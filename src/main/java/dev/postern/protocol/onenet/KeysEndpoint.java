package dev.postern.protocol.onenet;

import dev.postern.access.AccessDecision;
import dev.postern.access.AccessPolicy;
import dev.postern.access.AccountId;
import dev.postern.access.DenyReason;
import dev.postern.access.RequestTarget;
import dev.postern.account.Page;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Authenticator;
import dev.postern.authentication.Presentation;
import dev.postern.credential.MasterKey;
import dev.postern.credential.PresentedCredential;
import dev.postern.inbound.ClientAddresses;
import dev.postern.issuance.ApiKeys;
import dev.postern.protocol.BodyBounds;
import dev.postern.protocol.CustomerChanges;
import dev.postern.protocol.DialectMapping;
import dev.postern.protocol.Failure;
import dev.postern.store.AccountWork;
import dev.postern.store.Replication;
import dev.postern.store.UnreadableRecords;
import java.util.List;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.databind.node.ObjectNode;

/** {@code /keys}, {@code /keys/{key}} and {@code /keys/{key}/devices}, authorized by the account's master key. */
final class KeysEndpoint implements DialectMapping.Endpoint {
    private static final String ROOT = "keys";
    private static final String DEVICES = "devices";

    private final Authenticator authenticator;
    private final ApiKeys apiKeys;
    private final KeyDevices devices;
    private final AccountWork work;
    private final BodyBounds bounds;
    private final ClientAddresses addresses;
    private final CustomerChanges customers;
    private final KeyChanges changes;
    private final KeysFailures failures;

    KeysEndpoint(Authenticator authenticator, ApiKeys apiKeys, DeviceTitles titles, Replication replication,
            AccountWork work, OneNetSettings settings, ClientAddresses addresses, UnreadableRecords unreadable,
            CustomerChanges customers) {
        this.addresses = addresses;
        this.work = work;
        this.authenticator = authenticator;
        this.apiKeys = apiKeys;
        this.devices = new KeyDevices(apiKeys, titles, replication);
        this.bounds = new BodyBounds((int) settings.maxBody().toBytes(), settings.bodyReadTimeout());
        this.customers = customers;
        this.failures = new KeysFailures(unreadable, bounds.maxBytes());
        this.changes = new KeyChanges(apiKeys, devices, replication, customers, failures);
    }

    @Override
    public String firstSegment() {
        return ROOT;
    }

    @Override
    public boolean isAt(List<String> segments) {
        return segments.getFirst().equals(ROOT);
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, RequestTarget target) {
        return authorize(exchange.getRequest())
                .flatMap(account -> answer(exchange, target, account))
                // A failure in the middle of a reply closes the connection.
                .onErrorMap(_ -> !exchange.getResponse().isCommitted(), failures::of)
                .onErrorResume(KeysException.class, failure -> KeysReply.failure(exchange.getResponse(), failure))
                .onErrorResume(AbortedException.class, Failure::unanswered);
    }

    @Override
    public Mono<Void> refuse(ServerWebExchange exchange, String detail) {
        return KeysReply.failure(exchange.getResponse(),
                new KeysException(DenyReason.REQUEST_AMBIGUOUS.errno(),
                        DenyReason.REQUEST_AMBIGUOUS.text() + " " + detail));
    }

    private Mono<AccountId> authorize(ServerHttpRequest request) {
        return authenticator.authenticate(Presentation.read(request.getHeaders()::get))
                .map(authentication -> switch (authentication) {
                    case Authentication.Verified(var _, MasterKey(var account), var _) -> account;
                    case Authentication.Verified verified -> throw notTheMasterKey(request, verified);
                    case Authentication.Refused(var denied) ->
                        throw refused(denied.forClient().reason(), denied.forClient().detail());
                    case Authentication.NeedsStore _ ->
                        throw new IllegalStateException("the store has already been asked");
                });
    }

    private KeysException notTheMasterKey(ServerHttpRequest request, Authentication.Verified verified) {
        AccessDecision.Denied denied = AccessPolicy.refuseAddress(verified.principal().limits(),
                addresses.of(request.getRemoteAddress(), request.getHeaders()::get));
        return denied == null
                ? new KeysException(KeysError.MASTER_KEY_REQUIRED)
                : refused(denied.reason(), denied.detail());
    }

    /**
     * Runs on a worker, with accounts taking turns: a call can read and write megabytes, and one account must not
     * starve the others.
     */
    private Mono<Void> answer(ServerWebExchange exchange, RequestTarget target, AccountId account) {
        ServerHttpRequest request = exchange.getRequest();
        if (request.getMethod().equals(HttpMethod.GET)) {
            // The turn lasts until the client has received the reply, which stays in memory until then.
            return work.list(account.value(), Mono.defer(() -> call(target, request, account, new byte[0]))
                    .flatMap(data -> KeysReply.success(exchange.getResponse(), data)));
        }
        Mono<byte[]> body = hasBody(request) ? stillAuthorized(request, account) : Mono.just(new byte[0]);
        return body.flatMap(read -> work.change(account.value(),
                Mono.defer(() -> call(target, request, account, read))))
                .flatMap(data -> KeysReply.success(exchange.getResponse(), data));
    }

    private static boolean hasBody(ServerHttpRequest request) {
        return request.getMethod().equals(HttpMethod.POST) || request.getMethod().equals(HttpMethod.PUT);
    }

    private Mono<ObjectNode> call(RequestTarget target, ServerHttpRequest request, AccountId account, byte[] body) {
        List<String> path = target.segments();
        KeyQuery query = new KeyQuery(target);
        String method = request.getMethod().name();
        CustomerChanges.Customer owner = customers.holder(account, request);
        return switch (path.size()) {
            case 1 -> switch (method) {
                case "POST" -> changes.create(owner, KeyInput.key(body));
                case "GET" -> list(account, query);
                default -> unknown();
            };
            case 2 -> switch (method) {
                case "PUT" -> changes.overwrite(owner, secret(path), KeyInput.key(body));
                case "DELETE" -> changes.delete(owner, secret(path));
                default -> unknown();
            };
            case 3 -> !path.get(2).equals(DEVICES) ? unknown() : switch (method) {
                case "GET" -> devices.list(account, secret(path), query).switchIfEmpty(KeyChanges.notFound());
                case "PUT" -> changes.changeDevices(owner, secret(path), KeyInput.devices(body));
                default -> unknown();
            };
            default -> unknown();
        };
    }

    private static PresentedCredential secret(List<String> path) {
        return new PresentedCredential(path.get(1));
    }

    private static Mono<ObjectNode> unknown() {
        return Mono.error(new KeysException(KeysError.CALL_UNKNOWN));
    }

    private Mono<ObjectNode> list(AccountId account, KeyQuery query) {
        Page.Request page = query.page();
        ApiKeys.Filter filter = new ApiKeys.Filter(query.key().map(PresentedCredential::new),
                query.device("device_id", "dev_id"), query.text("title"));
        return apiKeys.list(account, filter, page, KeysReply::listed).map(keys -> KeysReply.keys(keys, page));
    }

    /** Reads the body, then checks the master key again: a slow call must not outlive its key. */
    private Mono<byte[]> stillAuthorized(ServerHttpRequest request, AccountId account) {
        return bounds.read(request).flatMap(body -> authorize(request).map(now -> {
            if (!now.equals(account)) {
                throw refused(DenyReason.CREDENTIAL_INVALID, DenyReason.CREDENTIAL_INVALID.text());
            }
            return body;
        }));
    }

    private static KeysException refused(DenyReason reason, String detail) {
        return new KeysException(reason.errno(), "auth failed: " + detail);
    }
}
