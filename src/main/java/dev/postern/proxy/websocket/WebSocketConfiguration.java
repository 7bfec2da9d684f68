package dev.postern.proxy.websocket;

import dev.postern.proxy.ForwardingSettings;
import dev.postern.proxy.StreamSlots;
import io.netty.channel.ChannelOption;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.http.client.HttpClient;

/** WebSockets through the gate. */
@Configuration(proxyBeanMethods = false)
public class WebSocketConfiguration {
    @Bean
    OpenWebSockets openWebSockets(ForwardingSettings settings) {
        return new OpenWebSockets(settings);
    }

    @Bean
    WebSocketFilter webSocketFilter(ForwardingSettings settings, ReactorResourceFactory eventLoops,
            OpenWebSockets open, StreamSlots slots, ObjectProvider<HttpHeadersFilter> headersFilters) {
        // A connection for each: they are bounded by their slots, and the pool is for calls.
        HttpClient client = HttpClient.newConnection()
                .runOn(eventLoops.getLoopResources())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.connectTimeout().toMillis())
                .httpResponseDecoder(decoder -> decoder.maxHeaderSize(32 * 1024));
        return new WebSocketFilter(new BackendWebSockets(client, settings), open, slots, headersFilters);
    }
}
