package dev.postern.proxy;

import dev.postern.access.AccessRequest;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.DenyReason;
import dev.postern.access.ParameterNames;
import dev.postern.access.RequestTarget;
import dev.postern.access.Streams;
import dev.postern.call.Call;
import dev.postern.catalog.BodyIds;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.Reading;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.UriUtils;

/**
 * Reads calls to routes that the operator has configured in the notation of Spring Cloud Gateway, outside the
 * catalogue. The gate cannot tell which devices such calls name, so they need a credential for the whole account.
 * Ambiguous targets are refused here too.
 */
final class OperatorRoutes {
    private OperatorRoutes() {}

    static Reading read(ServerWebExchange exchange, Call call) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        if (route == null || CatalogRoutes.isOurs(route)) {
            return call.reading();
        }
        return switch (call.target()) {
            case RequestTarget.Parsed.Ambiguous _ -> call.reading();
            case RequestTarget.Parsed.Clear(var target) when target.parameters().stream()
                    .anyMatch(parameter -> ParameterNames.overridesMethod(parameter.name())) ->
                Reading.Refused.because(
                        DenyReason.REQUEST_AMBIGUOUS, "The query overrides the method.");
            case RequestTarget.Parsed.Clear(var target) -> {
                Optional<Action> action = Action.ofMethod(exchange.getRequest().getMethod().name());
                yield action.isEmpty()
                        ? Reading.Refused.because(DenyReason.METHOD_UNKNOWN,
                                DenyReason.METHOD_UNKNOWN.text())
                        : new Reading.Read(new AccessRequest(apiOf(route), action.get(), List.of(), false,
                                new Streams.WholeDevice()), path(target), query(target), Map.of(),
                                BodyIds.none(target), new DeviceEffect.None(), "");
            }
        };
    }

    private static ApiId apiOf(Route route) {
        // No API of the catalogue can have such an ID, so no credential can be limited to a route.
        String id = ApiId.ROUTE_PREFIX + route.getId();
        return ApiId.isValid(id) ? new ApiId(id) : new ApiId(ApiId.ROUTE_PREFIX + "unnamed");
    }

    private static String path(RequestTarget target) {
        String path = target.segments().stream().map(segment -> "/" + UriUtils.encodePathSegment(segment,
                StandardCharsets.US_ASCII)).collect(Collectors.joining());
        return target.trailingSlash() || path.isEmpty() ? path + "/" : path;
    }

    private static String query(RequestTarget target) {
        return target.parameters().stream().map(RequestTarget.Parameter::raw).collect(Collectors.joining("&"));
    }
}
