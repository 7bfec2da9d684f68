package dev.postern.call;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;

/**
 * Passes the lines of the request log to the logger {@code dev.postern.requests}. If the operator has chosen a format
 * for structured logging, or has given this logger an appender, that decides how and where the lines are written.
 * Otherwise this adds an appender, which writes them to standard output in the {@link RequestLogFormat}, and nowhere
 * else: in the other log they would be without their values.
 */
final class RequestLogOutput implements Consumer<RequestLine> {
    static final String LOGGER = "dev.postern.requests";
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final String APPENDER = "postern-requests";

    private RequestLogOutput() {}

    static RequestLogOutput prepare(Environment environment) {
        if (!hasFormat(environment, "console") && !hasFormat(environment, "file")
                && LOG instanceof ch.qos.logback.classic.Logger logger && !logger.iteratorForAppenders().hasNext()) {
            logger.addAppender(appender(logger.getLoggerContext()));
            logger.setAdditive(false);
        }
        return new RequestLogOutput();
    }

    private static boolean hasFormat(Environment environment, String where) {
        return !environment.getProperty("logging.structured.format." + where, "").isBlank();
    }

    private static ConsoleAppender<ILoggingEvent> appender(LoggerContext context) {
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(context);
        encoder.setFormat(RequestLogFormat.class.getName());
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setName(APPENDER);
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    @Override
    public void accept(RequestLine line) {
        LoggingEventBuilder event = LOG.atInfo();
        line.write((name, value) -> {
            var _ = event.addKeyValue(name, value);
        });
        event.log(line.message());
    }
}
