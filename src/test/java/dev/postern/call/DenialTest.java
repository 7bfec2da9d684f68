package dev.postern.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DenialTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @EnumSource
    void describesTheReason(DenyReason actual) {
        DenyReason reason = actual.forClient();

        Denial denial = Denial.of(new AccessDecision.Denied(actual), Set.of(), "0123456789abcdef");

        JsonNode body = JSON.readTree(denial.body());
        assertThat(body.propertyNames()).containsExactly("type", "title", "status", "detail", "reason", "code",
                "errno", "error", "request_id");
        assertThat(List.of("type", "title", "status", "detail", "reason", "code", "errno", "error", "request_id"))
                .extracting(name -> body.path(name).asString())
                .containsExactly("urn:postern:reason:" + reason.word(), reason.text(), "" + reason.status(),
                        reason.text(), reason.word(), reason.code(), "" + reason.errno(), reason.prompt(),
                        "0123456789abcdef");
        assertThat(denial.status()).isEqualTo(reason.status());
        assertThat(denial.headers()).containsEntry("Content-Type", "application/problem+json")
                .containsEntry("Cache-Control", "no-store");
        assertThat(denial.headers().containsKey("Retry-After")).isEqualTo(reason.status() == 503);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "\"quoted\" \\ and \u0000 \n \t", "\u5206\u7ec4 \u00e4 \ud83d\ude00",
            "%s {} $1"})
    void carriesAnyDetail(String detail) {
        Denial denial = Denial.of(new AccessDecision.Denied(DenyReason.REQUEST_MALFORMED, detail), Set.of(), "id\"");

        JsonNode body = JSON.readTree(denial.body());
        assertThat(body.path("detail").asString()).isEqualTo(detail);
        assertThat(body.path("request_id").asString()).isEqualTo("id\"");
    }

    @Test
    void keepsTheDetailOfInvalidCredentialsFromTheClient() {
        Denial denial = Denial.of(new AccessDecision.Denied(DenyReason.TOKEN_EXPIRED, "It expired at noon."),
                Set.of(), "id");

        assertThat(new String(denial.body(), StandardCharsets.UTF_8)).doesNotContain("noon")
                .contains(DenyReason.CREDENTIAL_INVALID.word());
    }

    @Test
    void namesTheAllowedMethodsOfOneCallOnly() {
        AccessDecision.Denied denied = new AccessDecision.Denied(DenyReason.METHOD_UNKNOWN);

        assertThat(Denial.of(denied, new LinkedHashSet<>(List.of("GET", "PUT")), "id").headers())
                .containsEntry("Allow", "GET, PUT");
        assertThat(Denial.of(denied, Set.of(), "id").headers()).doesNotContainKey("Allow");
    }
}
