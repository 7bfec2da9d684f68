package dev.postern.console;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Reads the fields of a form, within bounds. A form is read once, and kept with its request. */
final class Forms {
    static final int MAX_BYTES = 1024 * 1024;
    /** The field of a master key. */
    static final String MASTER_KEY = "master_key";

    private static final int MAX_FIELDS = 20_000;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /**
     * The fields that can contain a secret. {@code token} is the text that somebody chose for a static token.
     * {@code credential} and {@code call} are to be explained; the call may present a credential.
     */
    private static final Set<String> SECRETS = Set.of("password", MASTER_KEY, "token", "credential", "call",
            "authcode");
    private static final Set<String> NOT_TYPED = Set.of("_csrf", "do");
    private static final String ATTRIBUTE = Forms.class.getName();

    private Forms() {}

    /**
     * How a form is read, if other than by default.
     *
     * @param parser the threads that parse it, and do what follows
     */
    record Bounds(int maxBytes, Scheduler parser) {
        private static final String ATTRIBUTE = Bounds.class.getName();

        void attachTo(ServerWebExchange exchange) {
            exchange.getAttributes().put(ATTRIBUTE, this);
        }

        private static Optional<Bounds> of(ServerRequest request) {
            return request.attribute(ATTRIBUTE).map(Bounds.class::cast);
        }
    }

    /** The fields of a form. */
    static final class Fields {
        private final Map<String, List<String>> values;

        private Fields(Map<String, List<String>> values) {
            this.values = values;
        }

        /** The value of a field; empty if it is missing. */
        String get(String name) {
            return getOrDefault(name, "");
        }

        String getOrDefault(String name, String missing) {
            return values.getOrDefault(name, List.of(missing)).getFirst();
        }

        /** The fields that somebody typed, in their order. A secret is not kept in a page. */
        List<Map.Entry<String, String>> typed() {
            return values.entrySet().stream()
                    .filter(field -> !NOT_TYPED.contains(field.getKey()) && !SECRETS.contains(field.getKey()))
                    .flatMap(field -> field.getValue().stream().map(value -> Map.entry(field.getKey(), value)))
                    .toList();
        }

        /** Whether something was typed that is not kept. */
        boolean hasSecret() {
            return SECRETS.stream().anyMatch(name -> !get(name).isEmpty());
        }

        /** The same fields as text that {@link Forms#parse} reads. */
        String encoded() {
            return typed().stream().map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                    .collect(Collectors.joining("&"));
        }

        /** Whether a button asks for the form again, with something added, and not to save it. */
        boolean isStep() {
            return !get("do").isEmpty();
        }

        /** All values of a field with multiple choice. */
        List<String> all(String name) {
            return values.getOrDefault(name, List.of());
        }
    }

    static Mono<Fields> read(ServerRequest request) {
        return request.attribute(ATTRIBUTE).map(known -> Mono.just((Fields) known))
                .orElseGet(() -> text(request).map(Forms::parse)
                        .doOnNext(fields -> request.attributes().put(ATTRIBUTE, fields)));
    }

    /** The body as text; read once. */
    static Mono<String> text(ServerRequest request) {
        Optional<Bounds> bounds = Bounds.of(request);
        Mono<String> text = DataBufferUtils.join(request.body(BodyExtractors.toDataBuffers()),
                bounds.map(Bounds::maxBytes).orElse(MAX_BYTES)).timeout(LIMIT).map(Forms::text).defaultIfEmpty("")
                .onErrorMap(Forms::isBrokenOff, _ -> new IllegalArgumentException("the form broke off"));
        return bounds.map(known -> text.publishOn(known.parser())).orElse(text);
    }

    /** Clients can cause this as often as they like; it is not worth a line in the log. */
    private static boolean isBrokenOff(Throwable failure) {
        return !(failure instanceof DataBufferLimitException || failure instanceof TimeoutException);
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

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
