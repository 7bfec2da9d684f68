package dev.postern.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.postern.support.NeedsTheMachine;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@NeedsTheMachine
class LimitedLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(LimitedLogTest.class);
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private final AtomicLong now = new AtomicLong();
    private final LimitedLog log = new LimitedLog(logger, now::get);

    @BeforeEach
    void listen() {
        written.start();
        logger.setAdditive(false);
        logger.addAppender(written);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(written);
        logger.setAdditive(true);
    }

    @Test
    void writesAFewLinesPerSecondAndCountsTheOthers() {
        for (int i = 0; i < 1000; i++) {
            log.warn("line {}", i);
        }
        assertThat(written.list).extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("line 0", "line 1", "line 2", "line 3", "line 4");

        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        log.warn("another {}", "line");
        log.warn("and one");
        assertThat(written.list).extracting(ILoggingEvent::getFormattedMessage)
                .endsWith("another line (995 such lines were suppressed)", "and one");
    }

    @Test
    void writesOnlyTheClassOfAFailure() {
        log.error("failed: {}", new IllegalStateException("/devices/lamp?key=secret"));

        assertThat(written.list).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage()).isEqualTo("failed: java.lang.IllegalStateException");
            assertThat(event.getThrowableProxy()).isNull();
        });
    }
}
