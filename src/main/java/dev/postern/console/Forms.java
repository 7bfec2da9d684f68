package dev.postern.console;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** Reads the fields of a form, within bounds. A form is read once, and kept with its request. */
final class Forms {
    private static final int MAX_BYTES = 1024 * 1024;
    private static final int MAX_FIELDS = 20_000;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String ATTRIBUTE = Forms.class.getName();

    private Forms() {}

    /** The fields of a form. */
    static final class Fields {
        private final Map<String, List<String>> values;

        private Fields(Map<String, List<String>> values) {
            this.values = values;
        }

        /** The value of a field; empty text if it is missing. */
        String get(String name) {
            return getOrDefault(name, "");
        }

        String getOrDefault(String name, String missing) {
            return values.getOrDefault(name, List.of(missing)).getFirst();
        }

        /** All values of a field with multiple choice. */
        List<String> all(String name) {
            return values.getOrDefault(name, List.of());
        }
    }

    static Mono<Fields> read(ServerRequest request) {
        return request.attribute(ATTRIBUTE).map(known -> Mono.just((Fields) known))
                .orElseGet(() -> DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()), MAX_BYTES)
                        .timeout(LIMIT).map(Forms::text).defaultIfEmpty("").map(Forms::parse)
                        .doOnNext(fields -> request.attributes().put(ATTRIBUTE, fields)));
    }

    private static String text(DataBuffer buffer) {
        String text = buffer.toString(StandardCharsets.UTF_8);
        DataBufferUtils.release(buffer);
        return text;
    }

    /** @throws IllegalArgumentException if the form is malformed or too long */
    static Fields parse(String text) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        int count = 0;
        for (String pair : text.split("&", MAX_FIELDS + 1)) {
            if (++count > MAX_FIELDS) {
                throw new IllegalArgumentException("too many fields");
            }
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.computeIfAbsent(decode(pair.substring(0, equals)), _ -> new ArrayList<>())
                        .add(decode(pair.substring(equals + 1)));
            }
        }
        return new Fields(values);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
