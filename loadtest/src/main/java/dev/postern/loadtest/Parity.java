package dev.postern.loadtest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Checks that each contestant answers the same calls with the same statuses, before anything is measured: a comparison
 * of a contestant that checks credentials with one that only seems to check them would mean nothing.
 */
final class Parity {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<String> differences = new ArrayList<>();

    /** @throws Failure with all differences */
    static void check(List<Contestant> contestants) {
        Parity parity = new Parity();
        contestants.stream().filter(each -> each.tlsPort() == 0 || each.tlsPort() != each.port()).forEach(parity::check);
        if (!parity.differences.isEmpty()) {
            throw new Failure("The contestants do not do the same:\n  " + String.join("\n  ", parity.differences));
        }
    }

    private void check(Contestant contestant) {
        Map<String, String> good = contestant.headers(Scenario.GET);
        expect(contestant, "an allowed GET", 200, "GET", "/devices/lamp", good, "");
        if (contestant.scenarios().contains(Scenario.POINTS)) {
            expect(contestant, "allowed data points", 200, "POST", "/devices/lamp/datapoints",
                    contestant.headers(Scenario.POINTS), Wrk.POINTS);
        }
        if (!contestant.checks()) {
            return;
        }
        expect(contestant, "a GET without a credential", UNAUTHORIZED, "GET", "/devices/lamp", Map.of(), "");
        expect(contestant, "a GET with a made-up credential", UNAUTHORIZED, "GET", "/devices/lamp",
                Map.of(contestant.header(), contestant.bad(1)), "");
        expect(contestant, "a GET of another device", FORBIDDEN, "GET", "/devices/other", good, "");
        if (contestant.scenarios().contains(Scenario.POINTS)) {
            expect(contestant, "data points of another stream", FORBIDDEN, "POST", "/devices/lamp/datapoints",
                    contestant.headers(Scenario.POINTS), Wrk.POINTS.replace("temp", "gps"));
        }
    }

    private void expect(Contestant contestant, String what, int status, String method, String path,
            Map<String, String> headers, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + contestant.port() + path))
                .timeout(Duration.ofSeconds(10)).method(method, body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        try {
            int found = http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
            if (found != status) {
                differences.add(contestant.name() + " answers " + what + " with " + found + ", and not " + status);
            }
        } catch (IOException failed) {
            differences.add(contestant.name() + " does not answer " + what + ": " + failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", interrupted);
        }
    }
}
