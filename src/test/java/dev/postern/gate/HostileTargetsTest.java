package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.BothLanes;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.RecordingBackend.Received;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Two thousand targets made to be read differently by the gate and by the server behind it. The test reads each target
 * that reaches the backend as a careless server would: it must not name a device or stream that the key does not
 * permit.
 */
@BothLanes
@UsesSharedGate
class HostileTargetsTest {
    private static final TestGate GATE = SharedGate.GATE;
    private static final int TARGETS = 2_000;
    private static final long SEED = 20_261_121;
    /** The IDs that no target may reach contain this text; no ID that the key permits contains it. */
    private static final String FORBIDDEN = "victim";
    private static final String PERMISSIONS = """
            [{"access_methods":["get","post"],"resources":[{"dev_id":"mine"},{"dev_id":"half","ds_id":"gps"}]}]""";

    private static final List<String> SEPARATORS = List.of("/", "//", "/./", "/../", "%2f", "%2F", "%252f", "\\", "%5c",
            "%255c", "/%2e/", "/%2e%2e/", "/..;/", ";/", "/;x=/", "%00", "/%00", "%c0%af", "%ef%bc%8f", "/.%2e/",
            "%2f..%2f",
            "/%20/", "/%09", "%0d%0a", "?", "#", "%23", "%3f", "%3b/");
    private static final List<String> IDS = List.of("mine", "half", "victim", "m%69ne", "v%69ctim", "%76ictim",
            "mine,victim",
            "mine%2cvictim", "mine;victim", "mine%00victim", "victim%20", "..", ".", "%2e%2e", "mine%2fvictim",
            "mine..victim",
            "VICTIM", "mine/../victim", "%256dine", "mine%", "mine%zz", "", "mine?x=victim", "mine\u00e9victim",
            "mine:victim");
    private static final List<String> NAMES = List.of("datastream_id", "Datastream_id", "datastream_id[]",
            "datastream_id[0]",
            "datastream.id", "datastream id", "datastream%5fid", "%64atastream_id", "datastream%255fid",
            "+datastream_id",
            "datastream_id%00", "devIds", "devids", "devIds[]", "dev%49ds", "device_id", "Device_Id", "device.id",
            "_method",
            "type", "", "=datastream_id", "[datastream_id]", "datastream_id]", ".method", "x;datastream_id",
            "x%26datastream_id", "datastream%5Fid%5B%5D", "datastreamId", "_datastream_id", "data_stream-id",
            "datastream_id.0", "?datastream_id", "deviceId", "DeviceID", "_device-id", "dev-Ids", "dev_ids_", "method");
    private static final List<String> PATHS = List.of("/devices/ID", "/devices/ID/datapoints",
            "/devices/ID/datastreams",
            "/devices/ID/datastreams/ID", "/devices/status", "/devices/datapoints", "/bindata/ID_15_1", "/logs/ID",
            "/cmds",
            "/by-header", "/keys/ID", "/triggers/ID", "/devices/mine/datapoints", "/devices/half/datapoints",
            "/devices/half/datastreams/ID");

    private final Random random = new Random(SEED);

    @Test
    void neverReachTheBackendWithAnIdOutsideTheKey() {
        String key = GATE.newCustomer().newKey(PERMISSIONS);
        SharedGate.BACKEND.forget();
        int allowed = 0;
        for (int i = 0; i < TARGETS; i++) {
            String target = target();
            String method = pick(List.of("GET", "GET", "GET", "POST", "HEAD", "DELETE"));
            String body = method.equals("POST")
                    ? pick(List.of("", "{\"datastreams\":[{\"id\":\"victim\"}]}",
                            "{\"datastreams\":[{\"id\":\"gps\",\"id\":\"victim\"}]}", "{\"gps\":1}",
                            "{\"datastreams\":[{\"id\":\"gps\",\"_id\":\"victim\"}]}",
                            "{\"id\":\"gps\",\"I-D\":\"victim\"}",
                            "{\"datastreams\":[{\"id\":\"gps\"}]}"))
                    : "";
            Reply reply = RawHttp.call(GATE.port(), method, target, body, "api-key: " + key,
                    pick(List.of("X-A: b", "X-Device: mine", "X-Device: victim", "X-Device: mine, victim",
                            "X-HTTP-Method-Override: DELETE", "X-Original-URL: /devices/victim",
                            "X-Rewrite-Url: /devices/victim", "X_Postern_Device: victim",
                            "X.Postern.Device: victim", "X~HTTP~Method~Override: DELETE", "X!Device: victim")));
            assertThat(reply.status()).as(method + " " + target).isIn(200, 400, 403, 404, 405, 413);
            allowed += reply.status() == 200 && !target.contains("keys") ? 1 : 0;
        }
        List<Received> received = SharedGate.BACKEND.received();
        assertThat(received).as("some harmless ones are among them").hasSizeGreaterThan(20).hasSize(allowed);
        received.forEach(HostileTargetsTest::assertHarmless);
    }

    private String target() {
        StringBuilder path = new StringBuilder();
        for (String part : pick(PATHS).substring(1).split("/", -1)) {
            path.append(random.nextInt(4) == 0 ? pick(SEPARATORS) : "/")
                    .append(part.replace("ID", pick(IDS)));
        }
        if (random.nextInt(6) == 0) {
            path.append(pick(SEPARATORS)).append(pick(IDS));
        }
        StringBuilder query = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            query.append(query.isEmpty() ? "?" : pick(List.of("&", "&", "&&", ";", "&amp;")));
            String value = random.nextInt(3) == 0 ? pick(List.of("gps", "gps,gps", "mine", "1")) : pick(IDS);
            query.append(pick(NAMES)).append("=").append(value);
        }
        String target = path.toString() + query;
        // A line break or a space would end the request line: that is another request, not another target.
        return (target.startsWith("/") ? target : "/" + target).replace(" ", "%20");
    }

    private <T> T pick(List<T> among) {
        return among.get(random.nextInt(among.size()));
    }

    private static void assertHarmless(Received received) {
        String careless = received.target();
        for (int i = 0; i < 3; i++) {
            // A careless server decodes more than once, and leaves a percent sign as it is if it begins no escape.
            careless = URLDecoder.decode(careless.replaceAll("%(?![0-9a-fA-F]{2})", "%25"),
                    StandardCharsets.ISO_8859_1);
        }
        String path = careless.replaceFirst("[?].*", "");
        // The key permits all of the device mine, so the target may name any of its streams.
        assertThat(path.replaceFirst("^/devices/mine/datastreams/[^/]*$", "").toLowerCase(Locale.ROOT))
                .as(received.target()).doesNotContain(FORBIDDEN);
        assertThat(path).doesNotContain("..", "//", ";", "\\", "%");
        for (String parameter : received.target().replaceFirst("^[^?]*[?]?", "").split("[&;]", -1)) {
            String name = parameter.replaceFirst("^=+", "").replaceFirst("=.*", "");
            String value = parameter.substring(Math.min(parameter.length(), name.length() + 1));
            if (SPELT_LIKE_AN_ID.matcher(decoded(name)).find() && isIdOf(received.method(), path, decoded(name))) {
                assertThat(decoded(value).toLowerCase(Locale.ROOT)).as(received.target()).doesNotContain(FORBIDDEN);
            }
        }
        if (path.equals("/by-header")) {
            assertThat(received.header("X-Device").toLowerCase(Locale.ROOT)).doesNotContain(FORBIDDEN);
        }
        assertThat(received.header("X-Postern-Device").toLowerCase(Locale.ROOT)).doesNotContain(FORBIDDEN);
        for (String name : List.of("X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-Url", "X_Postern_Device",
                "api-key")) {
            assertThat(received.hasHeader(name)).as(name).isFalse();
        }
        assertThat(received.headers()).as("names that fold to others").allMatch(
                header -> header.getKey().matches("[A-Za-z0-9-]+"));
        boolean limited = path.contains("/half/");
        if (limited && received.method().equals("POST")) {
            assertThat(new String(received.body(), StandardCharsets.UTF_8)).doesNotContain(FORBIDDEN);
        }
    }

    private static final Pattern SPELT_LIKE_AN_ID = Pattern
            .compile(
                    "(?i)^[ +_.?-]*(\\[?)(data_?stream.?id|dev.?ids|device.?id|(?<=[._])method)[ +_-]*([\\[\\].].*)?$");

    /** Whether the operation at this path takes IDs from this parameter, so that a server would look at it. */
    private static boolean isIdOf(String method, String path, String name) {
        String lower = name.toLowerCase(Locale.ROOT).replace("_", "");
        if (lower.contains("method")) {
            return true;
        }
        if (lower.contains("datastream")) {
            return !method.equals("POST") && path.equals("/devices/half/datapoints");
        }
        return lower.contains("devids")
                ? path.equals("/devices/status") || path.equals("/devices/datapoints")
                : path.equals("/cmds");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replaceAll("%(?![0-9a-fA-F]{2})", "%25"), StandardCharsets.ISO_8859_1);
    }
}
