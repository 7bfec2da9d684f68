package dev.postern.demo;

import dev.postern.call.SampleAddress;
import dev.postern.catalog.BackendAddress;
import dev.postern.issuance.Accounts;
import dev.postern.issuance.ApiKeys;
import dev.postern.license.Devices;
import dev.postern.store.DataDirectory;
import dev.postern.store.RedisStore;
import dev.postern.store.StoreUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Sets up the demo, or removes the sample account of an earlier one. */
@Configuration(proxyBeanMethods = false)
public class DemoConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(DemoConfiguration.class);

    private static final int ATTEMPTS = 20;
    private static final Duration PAUSE = Duration.ofMillis(250);

    @Bean
    SampleData sampleData(RedisStore redis, Accounts accounts, ApiKeys apiKeys, Devices devices,
            DataDirectory data) {
        return new SampleData(redis, accounts, apiKeys, devices, data);
    }

    @Bean
    @Conditional(DemoConditions.WithoutBackend.class)
    SampleBackend sampleBackend() {
        return new SampleBackend();
    }

    @Bean
    @Conditional(DemoConditions.WithoutBackend.class)
    SampleAddress sampleAddress(SampleBackend backend) {
        return new SampleAddress(new BackendAddress(backend.address()));
    }

    @Bean
    @Conditional(DemoConditions.Enabled.class)
    ApplicationListener<ApplicationReadyEvent> welcome(SampleData data, DataDirectory directory,
            Environment environment) {
        return _ -> {
            try {
                if (ensure(data)) {
                    System.out.println(Welcome.text(environment.getProperty("local.server.port", "8080"),
                            environment.getProperty("local.management.port", "8081"), data,
                            directory.resolve("operator-token").toAbsolutePath().normalize()));
                }
            } catch (IOException | StoreUnavailableException failed) {
                LOG.warn("The sample data could not be created: {}", failed.getMessage());
            }
        };
    }

    /** Retries, because a machine that is busy with its first start may be too slow for the store's timeouts. */
    private static boolean ensure(SampleData data) throws IOException {
        for (int attempt = 1;; attempt++) {
            try {
                return data.ensure();
            } catch (StoreUnavailableException failed) {
                if (attempt == ATTEMPTS) {
                    throw failed;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    @Bean
    @Conditional(DemoConditions.Disabled.class)
    ApplicationListener<ApplicationReadyEvent> noDemo(SampleData data) {
        return _ -> {
            try {
                data.remove();
            } catch (IOException | StoreUnavailableException failed) {
                LOG.debug("Cannot check whether there is sample data: {}", failed.getMessage());
            }
        };
    }
}
