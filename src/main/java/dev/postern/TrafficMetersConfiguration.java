package dev.postern;

import dev.postern.call.RequestLogWriter;
import dev.postern.inbound.ClientTraffic;
import dev.postern.inbound.EventLoopLag;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.LaneMeters;
import dev.postern.telemetry.RequestLogMeters;
import dev.postern.telemetry.ServerMeters;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/** The meters of connections, lanes, the request log, backends and event loops. */
@Configuration(proxyBeanMethods = false)
class TrafficMetersConfiguration {
    @Bean
    ServerMeters serverMeters(MeterRegistry registry, ClientTraffic traffic) {
        ServerMeters meters = new ServerMeters(registry);
        meters.watchConnections(traffic::open, traffic::received, traffic::sent);
        return meters;
    }

    @Bean
    EventLoopLag eventLoopLag(ReactorResourceFactory eventLoops, ServerMeters meters) {
        return new EventLoopLag(eventLoops.getLoopResources().onServer(true), meters.lag());
    }

    @Bean
    LaneMeters laneMeters(MeterRegistry registry) {
        return new LaneMeters(registry);
    }

    @Bean
    RequestLogMeters requestLogMeters(MeterRegistry registry, RequestLogWriter requestLog) {
        return new RequestLogMeters(registry, requestLog::waiting, requestLog::dropped);
    }

    @Bean
    BackendMeters backendMeters(MeterRegistry registry) {
        return new BackendMeters(registry);
    }
}
