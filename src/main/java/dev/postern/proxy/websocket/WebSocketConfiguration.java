package dev.postern.proxy.websocket;

import dev.postern.call.ForwardingSettings;
import dev.postern.call.StreamRights;
import dev.postern.proxy.StreamSlots;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** WebSockets through the gate. */
@Configuration(proxyBeanMethods = false)
public class WebSocketConfiguration {
    @Bean
    OpenWebSockets openWebSockets(ForwardingSettings settings) {
        return new OpenWebSockets(settings);
    }

    @Bean
    WebSocketFilter webSocketFilter(OpenWebSockets open, StreamSlots slots, StreamRights rights,
            ObjectProvider<HttpHeadersFilter> headersFilters) {
        return new WebSocketFilter(open, slots, rights, headersFilters);
    }
}
