package dev.postern.call;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.logging.structured.JsonWriterStructuredLogFormatter;
import org.springframework.boot.logging.structured.StructuredLoggingJsonMembersCustomizer;

/**
 * The request log's own format: a line is one JSON object with the values of the line and nothing else. Made by Spring
 * Boot, by the name of the class; {@code logging.structured.json.*} applies.
 */
final class RequestLogFormat extends JsonWriterStructuredLogFormatter<ILoggingEvent> {
    RequestLogFormat(@Nullable StructuredLoggingJsonMembersCustomizer<?> customizer) {
        super(members -> members.add().usingPairs((event, pairs) -> values(event)
                .forEach(pair -> pairs.accept(pair.key, pair.value))), customizer);
    }

    private static List<KeyValuePair> values(ILoggingEvent event) {
        List<KeyValuePair> values = event.getKeyValuePairs();
        return values == null ? List.of() : values;
    }
}
