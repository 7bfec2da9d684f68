package dev.postern.call;

import dev.postern.inbound.ClientAddresses;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** What is reported about each call: the request log. */
@Configuration(proxyBeanMethods = false)
class ReportConfiguration {
    @Bean
    RequestLogWriter requestLogWriter(RequestLogSettings settings, Environment environment) {
        boolean wanted = settings.mode() != RequestLogSettings.Mode.OFF;
        return new RequestLogWriter(wanted, settings.queue(),
                wanted ? RequestLogOutput.prepare(environment) : _ -> {});
    }

    @Bean
    CallReports callReports(RequestLogSettings settings, ClientAddresses addresses, Clock clock,
            RequestLogWriter writer) {
        return new CallReports(new RequestLog(settings, addresses, clock, writer));
    }
}
