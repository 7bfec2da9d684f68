package dev.postern.call;

import dev.postern.inbound.ClientAddresses;
import io.micrometer.tracing.Tracer;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** What is reported about each call: the request log, and spans if there is a tracer. */
@Configuration(proxyBeanMethods = false)
class ReportConfiguration {
    @Bean
    RequestLogWriter requestLogWriter(RequestLogSettings settings, ObjectProvider<Tracer> tracer,
            Environment environment) {
        return new RequestLogWriter(isOn(settings) || tracer.getIfAvailable() != null, settings.queue(),
                isOn(settings) ? RequestLogOutput.prepare(environment) : _ -> {});
    }

    @Bean
    CallReports callReports(RequestLogSettings settings, ClientAddresses addresses, Clock clock,
            RequestLogWriter writer, ObjectProvider<Tracer> tracer) {
        Tracer present = tracer.getIfAvailable();
        return new CallReports(isOn(settings) || present != null, new RequestLog(settings, addresses, clock, writer),
                present == null ? null : new CallSpans(present, clock));
    }

    private static boolean isOn(RequestLogSettings settings) {
        return settings.mode() != RequestLogSettings.Mode.OFF;
    }
}
