package dev.postern.support;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The lines of the request log, as the gate of this process writes them to standard output. Begin after its start. */
public final class LoggedCalls implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("dev.postern.requests");

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender;

    private record Line(String text, String thread) {}

    public LoggedCalls() {
        ConsoleAppender<ILoggingEvent> real = (ConsoleAppender<ILoggingEvent>) Objects
                .requireNonNull(LOGGER.getAppender("postern-requests"), "the gate writes no request log");
        appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                lines.add(new Line(new String(real.getEncoder().encode(event), StandardCharsets.UTF_8),
                        Thread.currentThread().getName()));
            }
        };
        appender.setContext(LOGGER.getLoggerContext());
        appender.start();
        LOGGER.addAppender(appender);
    }

    public void forget() {
        lines.clear();
    }

    /** Waits for this many lines. */
    public List<JsonNode> await(int count) {
        Awaitility.await().atMost(LIMIT).pollDelay(Duration.ZERO).until(() -> lines.size() >= count);
        assertThat(texts()).hasSize(count);
        return texts().stream().map(text -> JsonMapper.shared().readTree(text)).toList();
    }

    /** Waits for the only line. */
    public JsonNode single() {
        return await(1).getFirst();
    }

    public List<String> texts() {
        return lines.stream().map(Line::text).toList();
    }

    /** The names of the threads that have written lines. */
    public List<String> threads() {
        return lines.stream().map(Line::thread).distinct().toList();
    }

    @Override
    public void close() {
        LOGGER.detachAppender(appender);
    }
}
