package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.UsesSharedGate;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The management port speaks HTTP as strictly as the public one. */
@UsesSharedGate
class ManagementPortTest {
    private static final int PORT = SharedGate.GATE.managementPort();

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/prometheus", "/api/v1/accounts", "/nowhere",
            "/actuator/health/x/y"})
    void everyAnswerHasADate(String target) {
        assertThat(RawHttp.call(PORT, "GET", target, "").headers().get("Date")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health/x", "/actuator/health/x/y", "/actuator/health/readiness/x",
            "/actuator/health/x/y/z", "/actuator/prometheus/x"})
    void unknownHealthIsNotFound(String target) {
        assertThat(RawHttp.call(PORT, "GET", target, "", "Authorization: Bearer " + TestGate.OPERATOR_TOKEN).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"GET /actuator/health HTTP/1.1,400,request_malformed",
            "GET /actuator/health HTTP/9.9,505,http_version_unsupported",
            "GET /actuator/health http/1.1,400,request_malformed"})
    void anInvalidRequestIsRefusedWithAReason(String line, int status, String reason) {
        Reply reply = RawHttp.exchange(PORT, (line + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.reason()).isEqualTo(reason);
    }

    @Test
    void aTooLargeRequestIsRefusedWithAReason() {
        assertThat(RawHttp.call(PORT, "GET", "/" + "a".repeat(20_000), "").reason()).isEqualTo("target_too_long");
        assertThat(RawHttp.call(PORT, "GET", "/", "", "X: " + "a".repeat(40_000)).reason())
                .isEqualTo("headers_too_large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /api/v1/accounts", "POST /api/v1/accounts/x/devices:import"})
    void aBodyWithABrokenChunkIsRefusedWithAReason(String call) {
        String account = SharedGate.GATE.newCustomer().account();
        Reply reply = RawHttp.exchange(PORT, (call.replace("/x/", "/" + account + "/")
                + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + TestGate.OPERATOR_TOKEN
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\nZZZZ\r\n")
                .getBytes(StandardCharsets.US_ASCII));

        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("request_malformed");
        assertThat(reply.header("Connection")).isEqualTo("close");
    }
}
