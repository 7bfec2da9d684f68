package dev.postern.demo;

import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A small device API in the manner of OneNET, on loopback: seven devices with a few streams, kept in memory. */
final class SampleBackend implements AutoCloseable {
    static final String TRACKER = "39593230";
    static final String WEATHER_STATION = "39456825";
    static final String SOMEONE_ELSES = "39456826";
    static final String COLD_STORE = "39456827";
    static final String GREENHOUSE = "39456828";
    /** For an account that the reader of the tutorial creates. */
    private static final String PUMP = "39456829";
    private static final String METER = "39456830";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_BODY = 64 * 1024;

    private final Map<String, SampleDevice> devices = new TreeMap<>(Map.of(
            TRACKER, new SampleDevice("tracker", Map.of("gps", "113.26,23.13", "temp", "36.6")),
            WEATHER_STATION, new SampleDevice("weather station", Map.of("temp", "22.5", "pm2.5", "89")),
            SOMEONE_ELSES, new SampleDevice("boiler", Map.of("temp", "61.0")),
            COLD_STORE, new SampleDevice("cold store", Map.of("temp", "-18.5")),
            GREENHOUSE, new SampleDevice("greenhouse", Map.of("temp", "27.0", "humidity", "71")),
            PUMP, new SampleDevice("pump", Map.of("temp", "34.5", "rpm", "1450")),
            METER, new SampleDevice("meter", Map.of("kwh", "10472.6"))));
    private final DisposableServer server;

    /** A device: its title, and the latest value of each of its streams. */
    private record SampleDevice(String title, Map<String, String> streams) {
        SampleDevice {
            streams = new ConcurrentHashMap<>(streams);
        }
    }

    SampleBackend() {
        this.server = HttpServer.create().host("127.0.0.1").port(0).route(this::routes).bindNow();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private void routes(HttpServerRoutes routes) {
        routes.get("/devices", (_, response) -> reply(response, deviceList()))
                .get("/devices/{device}", this::device)
                .get("/devices/{device}/datapoints", this::datapoints)
                .post("/devices/{device}/datapoints", this::accept)
                .get("/devices/{device}/datastreams", this::datapoints)
                .post("/cmds", (request, response) -> request.receive().then(Mono.defer(() -> Mono.from(reply(response,
                        JSON.createObjectNode().put("cmd_uuid", UUID.randomUUID().toString()))))))
                .route(_ -> true, (request, response) -> request.receive().then(Mono.defer(
                        () -> Mono.from(fail(response, "the sample backend does not support this call")))));
    }

    private ObjectNode deviceList() {
        ObjectNode data = JSON.createObjectNode().put("total_count", devices.size());
        ArrayNode list = data.putArray("devices");
        devices.forEach((id, device) -> list.addObject().put("id", id).put("title", device.title()));
        return data;
    }

    private Publisher<Void> device(HttpServerRequest request, HttpServerResponse response) {
        String id = String.valueOf(request.param("device"));
        SampleDevice device = devices.get(id);
        return device == null
                ? fail(response, "no such device")
                : reply(response,
                        JSON.createObjectNode().put("id", id).put("title", device.title()).put("online", true));
    }

    private Publisher<Void> datapoints(HttpServerRequest request, HttpServerResponse response) {
        SampleDevice device = devices.get(String.valueOf(request.param("device")));
        if (device == null) {
            return fail(response, "no such device");
        }
        List<String> wanted = Stream.of(request.uri().replaceFirst("^[^?]*\\??", "").split("&", -1))
                .filter(parameter -> parameter.startsWith("datastream_id="))
                .flatMap(parameter -> Stream.of(parameter.substring("datastream_id=".length()).split(",", -1)))
                .toList();
        ObjectNode data = JSON.createObjectNode();
        ArrayNode streams = data.putArray("datastreams");
        new TreeMap<>(device.streams()).forEach((id, value) -> {
            if (wanted.isEmpty() || wanted.contains(id)) {
                ObjectNode stream = streams.addObject().put("id", id);
                stream.putArray("datapoints").addObject()
                        .put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                        .put("value", value);
            }
        });
        return reply(response, data);
    }

    private Publisher<Void> accept(HttpServerRequest request, HttpServerResponse response) {
        return request.receive().aggregate().asByteArray().defaultIfEmpty(new byte[0])
                .flatMap(body -> Mono.from(body.length > MAX_BODY
                        ? fail(response, "too large")
                        : reply(response, JSON.createObjectNode().put("bytes", body.length))));
    }

    private static Publisher<Void> reply(HttpServerResponse response, ObjectNode data) {
        ObjectNode json = JSON.createObjectNode().put("errno", 0).put("error", "succ");
        json.set("data", data);
        return send(response, json);
    }

    private static Publisher<Void> fail(HttpServerResponse response, String error) {
        return send(response, JSON.createObjectNode().put("errno", 5).put("error", error));
    }

    private static Publisher<Void> send(HttpServerResponse response, ObjectNode json) {
        byte[] body = JSON.writeValueAsBytes(json);
        return response.header("Content-Type", "application/json")
                .header("Content-Length", Integer.toString(body.length))
                .sendByteArray(Mono.just(body));
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
