package dev.postern.inbound;

import io.netty.handler.codec.http.HttpResponseStatus;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Answers CORS preflights, which browsers send without a credential. {@link CorsAnswers} adds the headers that say what
 * the page may do; a page that is not allowed gets none of them.
 */
@Order(CorsPreflights.BEHIND_REFUSALS)
final class CorsPreflights implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory> {
    static final int BEHIND_REFUSALS = Ordered.HIGHEST_PRECEDENCE + 10;

    private final CorsSettings settings;

    CorsPreflights(CorsSettings settings) {
        this.settings = settings;
    }

    @Override
    public void customize(NettyReactiveWebServerFactory factory) {
        if (settings.isOn()) {
            factory.addRouteProviders(routes -> routes.route(
                    request -> CorsAnswers.isPreflight(request.method(), request.requestHeaders()),
                    (_, response) -> response.status(HttpResponseStatus.NO_CONTENT).send()));
        }
    }
}
