package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.support.OwnsItsGate;
import dev.postern.support.RawHttp;
import dev.postern.support.RawHttp.Reply;
import dev.postern.support.TestGate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A console without passwords, whose identity provider is down. */
@OwnsItsGate
class OidcOnlyTest {
    private static final String SECRET = "the-secret-of-the-gate";
    private static final TestGate GATE = TestGate.start("postern.backend=http://127.0.0.1:1",
            "postern.console.local-sign-in=false", "postern.console.oidc.issuer-uri=http://127.0.0.1:1",
            "postern.console.oidc.client-id=postern", "postern.console.oidc.client-secret=" + SECRET,
            "postern.console.oidc.roles.viewer=readers");

    @AfterAll
    static void stop() {
        GATE.close();
    }

    private static Reply call(String method, String target, String form, String... headers) {
        return RawHttp.call(GATE.managementPort(), method, target, form, headers);
    }

    @Test
    void startsWithoutTheProviderAndSaysThatItIsAway() {
        assertThat(call("GET", "/console/sign-in", "").text()).contains("Sign in with your organization")
                .doesNotContain("password");

        Reply away = call("GET", "/login/oidc?next=%2Fconsole%2Faccounts%22", "");

        assertThat(away.status()).isEqualTo(503);
        assertThat(away.text()).contains("The identity provider cannot be reached",
                "href=\"/login/oidc?next=/console/accounts%22\"");
        assertThat(GATE.operate("GET", "/api/v1/accounts", "").status()).isEqualTo(200);
    }

    @Test
    void acceptsNoPasswords() {
        GATE.operate("POST", "/api/v1/operators",
                "{\"name\":\"local\",\"role\":\"admin\",\"password\":\"correct horse battery\"}");

        assertThat(call("POST", "/console/sign-in", "name=local&password=correct+horse+battery").status())
                .isEqualTo(404);
        assertThat(call("GET", "/console/setup?code=x", "").status()).isEqualTo(404);
        assertThat(call("POST", "/console/setup", "code=x&name=y&password=correct+horse+battery").status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: evil.test/\\", "Host: a b", "Host: user@evil.test"})
    void refusesAHostThatIsNone(String host) {
        assertThat(call("GET", "/login/oidc", "", host).status()).isEqualTo(400);
    }

    @Test
    void keepsTheClientSecretToItself() {
        for (String path : new String[]{"/actuator/env", "/actuator/configprops", "/actuator/prometheus",
                "/actuator/health", "/v3/api-docs"}) {
            assertThat(GATE.operate("GET", path, "").text()).doesNotContain(SECRET);
        }
        assertThat(GATE.context().getBean(ConsoleSettings.class).toString()).doesNotContain(SECRET);
    }

    @Test
    void isNotPossibleWithoutAProvider() {
        assertThatThrownBy(() -> TestGate.start("postern.backend=http://127.0.0.1:1",
                "postern.console.local-sign-in=false").close())
                .hasStackTraceContaining("postern.console.local-sign-in is false without postern.console.oidc");
    }
}
