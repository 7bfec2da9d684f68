package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccountId;
import dev.postern.operator.Role;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;

class PermitsTest {
    private static final Caller VIEWER = Caller.operator("vera", Role.VIEWER, "::1");
    private static final Caller EDITOR = Caller.operator("edda", Role.EDITOR, "::1");
    private static final Caller ADMIN = Caller.operator("ada", Role.ADMIN, "::1");
    private static final Caller HOLDER = Caller.holder(new AccountId("acme"), "::1");

    private static String decide(Caller caller, String call) {
        String[] parts = call.split(" ", 2);
        return Permits.decide(caller, HttpMethod.valueOf(parts[0]),
                Permits.segments(PathContainer.parsePath(parts[1]))).name();
    }

    @ParameterizedTest
    @CsvSource({
            "GET /api/v1/accounts,            PERMITTED, PERMITTED, HIDDEN",
            "POST /api/v1/accounts,           ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /api/v1/accounts/acme,       PERMITTED, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/ac%6De,     PERMITTED, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/other,      PERMITTED, PERMITTED, HIDDEN",
            "DELETE /api/v1/accounts/acme,    ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "POST /api/v1/accounts/acme/master-key, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "POST /api/v1/accounts/acme/static-tokens, ROLE_INSUFFICIENT, PERMITTED, PERMITTED",
            "POST /api/v1/accounts/other/static-tokens, ROLE_INSUFFICIENT, PERMITTED, HIDDEN",
            "DELETE /api/v1/accounts/acme/jwt-tokens/x, ROLE_INSUFFICIENT, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/acme/rsa-tokens/x, PERMITTED, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/acme/rsa-tokens/x/file, ROLE_INSUFFICIENT, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/acme/api-keys/x, PERMITTED, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/acme/api-keys/x/key, ROLE_INSUFFICIENT, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/acme/license, PERMITTED, PERMITTED, PERMITTED",
            "PUT /api/v1/accounts/acme/license, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "POST /api/v1/accounts/acme/license/extensions, ROLE_INSUFFICIENT, PERMITTED, PERMITTED",
            "PUT /api/v1/accounts/acme/license/extensions/1, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "POST /api/v1/accounts/acme/license/seats:move, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "POST /api/v1/accounts/acme/devices:import, ROLE_INSUFFICIENT, PERMITTED, PERMITTED",
            "GET /api/v1/accounts/acme/export, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "POST /api/v1/accounts/acme/import, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT",
            "GET /api/v1/accounts/other/export, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "POST /api/v1/accounts/other/import, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /api/v1/export,              ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "POST /api/v1/import,             ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /api/v1/gates,               PERMITTED, PERMITTED, HIDDEN",
            "GET /api/v1/receipts/ab-1,       PERMITTED, PERMITTED, HIDDEN",
            "GET /api/v1/apis,                PERMITTED, PERMITTED, PERMITTED",
            "GET /api/v1/me,                  PERMITTED, PERMITTED, PERMITTED",
            "GET /api/v1/audit,               ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /api/v1/audit/verify,        ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /api/v1/operators,           ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "PUT /api/v1/operators/ada,       ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "PUT /api/v1/operators/ada/password, ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "PUT /api/v1/operators/vera/password, PERMITTED, ROLE_INSUFFICIENT, HIDDEN",
            "POST /api/v1/explain,            PERMITTED, PERMITTED, PERMITTED",
            "POST /api/v1/what-if,            PERMITTED, PERMITTED, PERMITTED",
            "POST /api/v1/explain/more,       ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "POST /api/v1/something-new,      ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /actuator/env,               ROLE_INSUFFICIENT, ROLE_INSUFFICIENT, HIDDEN",
            "GET /v3/api-docs,                PERMITTED, PERMITTED, HIDDEN"})
    void permitsEachRoleItsCalls(String call, String viewer, String editor, String holder) {
        assertThat(decide(VIEWER, call)).as("viewer").isEqualTo(viewer);
        assertThat(decide(EDITOR, call)).as("editor").isEqualTo(editor);
        assertThat(decide(ADMIN, call)).as("admin").isEqualTo("PERMITTED");
        assertThat(decide(HOLDER, call)).as("holder of the master key of acme").isEqualTo(holder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /api/v1", "GET /", "GET /api/v2/accounts/acme",
            "GET /api/v1/accounts/acme%2F..%2Fother",
            "GET /api/v1/accounts/ACME", "GET /api/v1/accounts/acme%20"})
    void hidesOtherPathsFromAnAccount(String call) {
        assertThat(decide(HOLDER, call)).isEqualTo("HIDDEN");
    }

    @ParameterizedTest
    @CsvSource({"POST /api/v1/accounts, true", "PUT /api/v1/accounts/a/license, true",
            "DELETE /api/v1/operators/a, true", "GET /api/v1/accounts, false", "HEAD /api/v1/accounts, false",
            "POST /api/v1/explain, false", "POST /api/v1/explain/more, true", "POST /actuator/loggers, false"})
    void tellsChangesApart(String call, boolean change) {
        String[] parts = call.split(" ", 2);

        assertThat(Permits.isChange(HttpMethod.valueOf(parts[0]),
                List.copyOf(Permits.segments(PathContainer.parsePath(parts[1]))))).isEqualTo(change);
    }
}
