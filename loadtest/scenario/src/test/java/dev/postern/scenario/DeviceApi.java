package dev.postern.scenario;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;

/**
 * Partners read a device, write data points to it, and now and then present a key that is no longer valid. Calls arrive
 * at a fixed rate, whether the earlier ones have been answered or not, as those of independent callers do.
 */
public final class DeviceApi extends Simulation {
    private static final String DEVICE = Setting.of("DEVICE", "lamp");
    private static final String STREAM = Setting.of("STREAM", "temp");
    private static final double RATE = Setting.number("RATE", 50);
    private static final long SECONDS = (long) Setting.number("SECONDS", 60);
    private static final double WRITES = Setting.number("WRITES", 10);
    private static final double INVALID = Setting.number("INVALID", 1);
    /** How long it takes to reach the rate, as a share of {@code SECONDS}. */
    private static final double RAMP = 0.1;
    private static final double MOST_FAILURES = 0.1;

    private static final String POINTS = "{\"datastreams\":[{\"id\":\"" + STREAM
            + "\",\"datapoints\":[{\"value\":21.5}]}]}";

    private final HttpProtocolBuilder gate = http.baseUrl(Setting.required("GATE")).shareConnections()
            .acceptHeader("application/json").userAgentHeader("postern-scenario").disableFollowRedirect();

    private final ChainBuilder read = exec(http("read a device").get(Setting.of("READ", "/devices/" + DEVICE))
            .header("api-key", Setting.required("API_KEY")).check(status().is(200)));

    private final ChainBuilder write = exec(
            http("write data points").post(Setting.of("WRITE", "/devices/" + DEVICE + "/datapoints"))
                    .header("api-key", Setting.required("API_KEY")).header("Content-Type", "application/json")
                    .body(StringBody(POINTS)).check(status().is(200)));

    private final ChainBuilder invalid = exec(http("present an invalid key")
            .get(Setting.of("READ", "/devices/" + DEVICE)).header("api-key", "no-longer-valid")
            .check(status().is(401)));

    private final ScenarioBuilder partners = scenario("partners").exec(randomSwitch()
            .on(percent(100 - WRITES - INVALID).then(read), percent(WRITES).then(write), percent(INVALID).then(invalid)));

    {
        setUp(partners.injectOpen(rampUsersPerSec(1).to(RATE).during((long) Math.ceil(SECONDS * RAMP)),
                constantUsersPerSec(RATE).during(SECONDS))).protocols(gate)
                .assertions(global().failedRequests().percent().lte(MOST_FAILURES));
    }
}
