package dev.postern;

import dev.postern.console.ConsoleSettings;
import dev.postern.operator.FirstOperator;
import dev.postern.store.StoreUnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import reactor.util.retry.Retry;

/** Prints the link with which the first operator is created, as long as there is none. */
final class SetupLink {
    private static final Logger LOG = LoggerFactory.getLogger(SetupLink.class);
    private static final int ATTEMPTS = 40;
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final FirstOperator first;
    private final ConsoleSettings settings;
    private final Environment environment;

    SetupLink(FirstOperator first, ConsoleSettings settings, Environment environment) {
        this.first = first;
        this.settings = settings;
        this.environment = environment;
    }

    @EventListener(ApplicationReadyEvent.class)
    void ready() {
        if (!settings.enabled() || !settings.localSignIn()) {
            return;
        }
        String port = environment.getProperty("local.management.port", "8081");
        first.offer()
                .retryWhen(Retry.fixedDelay(ATTEMPTS, PAUSE).filter(StoreUnavailableException.class::isInstance))
                .subscribe(code -> System.out.println("""

                        Web console: create the first operator with this link, once, within the next %d minutes:

                        http://127.0.0.1:%s/console/setup?code=%s
                        """.formatted(FirstOperator.VALID_FOR.toMinutes(), port, code)),
                        failed -> LOG.warn("There is no link for the first operator: {}. Restart the gate to get one",
                                failed.getMessage()));
    }
}
