package dev.postern.image;

import dev.postern.support.ClientTokens;
import dev.postern.support.KeepAlive;
import dev.postern.support.RawHttp.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The calls of the training, through both lanes and at the management port, with several kinds of credentials. Code that
 * no call here uses is not in the AOT cache, and only starts slower. Each answer is checked, because a gate that refuses
 * everything would be trained in refusing.
 */
final class TrainingCalls {
    private static final int ATTEMPTS = 100;
    private static final String DEVICE = "/devices/39593230";
    private static final String STATION = "/devices/39456825";
    private static final String BOILER = "/devices/39456826";
    /** The express lane leaves calls with this header to the chain. */
    private static final String TO_THE_CHAIN = "TE: trailers";

    private final int port;
    private final int managementPort;
    private final Path data;

    TrainingCalls(int port, int managementPort, Path data) {
        this.port = port;
        this.managementPort = managementPort;
        this.data = data;
    }

    /** Makes each call this many times; those of which a gate gets fewer in its life, fewer times. */
    void make(int rounds) throws IOException {
        String apiKey = "api-key: " + sampleFile("demo/api-key");
        String masterKey = "api-key: " + sampleFile("demo/master-key");
        String operator = "Authorization: Bearer " + sampleFile("operator-token");
        try (KeepAlive management = new KeepAlive(managementPort)) {
            String staticToken = "Authorization: Bearer " + post(management, operator, "/static-tokens",
                    "{\"name\":\"training\",\"rules\":[{\"actions\":[\"get\",\"post\"],\"devices\":[\"39593230\"]}]}")
                    .required("token").stringValue();
            post(management, operator, "/users", "{\"id\":\"u1\",\"name\":\"u\",\"devices\":[\"39593230\"]}");
            JsonNode jwtToken = post(management, operator, "/jwt-tokens",
                    "{\"name\":\"training with JWT\",\"apis\":[\"devices\",\"datapoints\"],\"users\":[\"u1\"]}");
            for (int round = 0; round < rounds; round++) {
                // Each token once: a token that was verified before is only looked up.
                String token = ClientTokens.signed(jwtToken, ClientTokens.claims("\"sub\":\"u1\",\"jti\":\"" + round
                        + "\""));
                deviceCalls(apiKey, staticToken, "Authorization: Bearer " + token);
            }
            int few = Math.ceilDiv(rounds, 20);
            keys(masterKey, few);
            for (int round = 0; round < few; round++) {
                manage(management, operator);
            }
        }
    }

    private String sampleFile(String name) throws IOException {
        Path file = data.resolve(name);
        for (int attempt = 0; attempt < ATTEMPTS && !Files.exists(file); attempt++) {
            LockSupport.parkNanos(100_000_000);
        }
        return Files.readString(file).strip();
    }

    /** A connection of its own for the calls of a round, because clients come and go. */
    private void deviceCalls(String apiKey, String staticToken, String jwt) {
        for (List<String> lane : List.of(List.<String>of(), List.of(TO_THE_CHAIN))) {
            try (KeepAlive client = new KeepAlive(port)) {
                for (String credential : List.of(apiKey, staticToken, jwt)) {
                    expect(200, call(client, lane, credential, "GET", DEVICE + "/datapoints?datastream_id=gps", ""));
                }
                expect(200, call(client, lane, apiKey, "POST", DEVICE + "/datapoints",
                        "{\"datastreams\":[{\"id\":\"gps\",\"datapoints\":[{\"value\":\"1,2\"}]}]}"));
                expect(200, call(client, lane, apiKey, "GET", STATION, ""));
                expect(403, call(client, lane, apiKey, "GET", BOILER, ""));
                expect(403, call(client, lane, apiKey, "DELETE", STATION, ""));
                expect(401, call(client, lane, "api-key: unknown", "GET", DEVICE, ""));
                expect(404, call(client, lane, apiKey, "GET", "/elsewhere", ""));
            }
        }
    }

    private void keys(String masterKey, int rounds) {
        try (KeepAlive client = new KeepAlive(port)) {
            for (int round = 0; round < rounds; round++) {
                expect(200, call(client, List.of(), masterKey, "GET", "/keys", ""));
                expect(200, call(client, List.of(), masterKey, "POST", "/keys", "{\"title\":\"training " + round
                        + "\",\"permissions\":[{\"access_methods\":[\"get\"],\"resources\":[{\"dev_id\":\"39593230\"}]}]}"));
            }
        }
    }

    private void manage(KeepAlive management, String operator) {
        for (String target : List.of("/api/v1/accounts", "/api/v1/accounts/demo/devices",
                "/api/v1/accounts/demo/api-keys", "/api/v1/accounts/demo/license", "/api/v1/overview", "/api/v1/gates",
                "/api/v1/audit", "/api/v1/me", "/actuator/prometheus", "/actuator/health/readiness",
                "/actuator/health/liveness", "/console/sign-in")) {
            expect(200, call(management, List.of(), operator, "GET", target, ""));
        }
        expect(200, call(management, List.of(), operator, "POST", "/api/v1/explain",
                "{\"credential\":\"unknown\",\"method\":\"GET\",\"target\":\"" + DEVICE + "\"}"));
    }

    private static JsonNode post(KeepAlive management, String operator, String list, String body) {
        return expect(201, call(management, List.of(), operator, "POST", "/api/v1/accounts/demo" + list, body)).json();
    }

    private static Reply call(KeepAlive connection, List<String> lane, String credential, String method, String target,
            String body) {
        return connection.call(method, target, body, Stream.concat(lane.stream(),
                Stream.of(credential)).toList());
    }

    private static Reply expect(int status, Reply reply) {
        if (reply.status() != status) {
            throw new IllegalStateException(status + " expected, but the gate answered " + reply.status() + ": "
                    + reply.text());
        }
        return reply;
    }
}
