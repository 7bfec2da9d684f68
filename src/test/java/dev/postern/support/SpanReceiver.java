package dev.postern.support;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Receives spans by OTLP over HTTP, as protobuf, and reads what tests look at. */
public final class SpanReceiver implements AutoCloseable {
    private static final int LENGTH_DELIMITED = 2;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final DisposableServer server = HttpServer.create().host("127.0.0.1").port(0)
            .handle((request, response) -> request.receive().aggregate().asByteArray().flatMap(body -> {
                requests.add(new String(body, StandardCharsets.ISO_8859_1));
                for (byte[] resource : Message.of(body).all(1)) {
                    for (byte[] scope : Message.of(resource).all(2)) {
                        Message.of(scope).all(2).forEach(span -> spans.add(Span.of(Message.of(span))));
                    }
                }
                return response.status(200).header("Content-Type", "application/x-protobuf").sendByteArray(
                        Mono.just(new byte[0])).then();
            })).bindNow();

    /** A span. Its IDs are hexadecimal; the parent is empty if it has none. */
    public record Span(String traceId, String id, String parent, String name, Map<String, String> attributes,
            long startNanos, long endNanos) {
        private static Span of(Message span) {
            Map<String, String> attributes = new HashMap<>();
            for (byte[] bytes : span.all(9)) {
                Message attribute = Message.of(bytes);
                attributes.put(attribute.text(1), Message.of(attribute.all(2).getFirst()).text(1));
            }
            return new Span(span.hex(1), span.hex(2), span.hex(4), span.text(5), attributes, span.number(7),
                    span.number(8));
        }
    }

    /** The fields of a message of protobuf, by their numbers. */
    private record Message(Map<Integer, List<byte[]>> fields) {
        static Message of(byte[] bytes) {
            Map<Integer, List<byte[]>> fields = new HashMap<>();
            ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                int tag = (int) varint(in);
                byte[] value = new byte[switch (tag & 7) {
                    case LENGTH_DELIMITED -> (int) varint(in);
                    case FIXED64 -> Long.BYTES;
                    case VARINT -> 0;
                    default -> Integer.BYTES;
                }];
                if ((tag & 7) == VARINT) {
                    var _ = varint(in);
                }
                in.get(value);
                fields.computeIfAbsent(tag >>> 3, _ -> new ArrayList<>()).add(value);
            }
            return new Message(fields);
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0;; shift += 7) {
                byte next = in.get();
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }

        List<byte[]> all(int number) {
            return fields.getOrDefault(number, List.of());
        }

        String hex(int number) {
            return all(number).stream().map(HexFormat.of()::formatHex).findFirst().orElse("");
        }

        String text(int number) {
            return all(number).stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).findFirst().orElse("");
        }

        long number(int number) {
            return ByteBuffer.wrap(all(number).getFirst()).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
    }

    /** For {@code management.opentelemetry.tracing.export.otlp.endpoint}. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.port() + "/v1/traces";
    }

    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** All that was received, byte by byte. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    public void forget() {
        spans.clear();
        requests.clear();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
