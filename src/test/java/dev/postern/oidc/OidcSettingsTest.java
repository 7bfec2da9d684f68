package dev.postern.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.operator.Role;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of the identity provider. */
class OidcSettingsTest {
    private static final OidcRoles ROLES = new OidcRoles(List.of("a", "b"), List.of("e"), List.of("v"));

    static OidcSettings settings(@Nullable String issuer, @Nullable String client, List<String> scopes,
            OidcRoles roles, @Nullable String redirect, Duration timeout) {
        return new OidcSettings(issuer, client, "the client secret", scopes, "groups", "name", roles, null, redirect,
                timeout);
    }

    private static OidcSettings from(String issuer) {
        return settings(issuer, "client", List.of("openid"), ROLES, null, Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://id.example.com/realms/acme", "http://127.0.0.1:9000", "http://localhost:9000",
            "http://[::1]:9000"})
    void acceptProvidersThatNobodyElseCanBe(String issuer) {
        assertThat(from(issuer).isOn()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://id.example.com", "ftp://id.example.com", "id.example.com",
            "https://user@id.example.com", "https:///realm", "https://id example.com", "https://[id", "%"})
    void refuseOtherAddresses(String issuer) {
        assertThatThrownBy(() -> from(issuer)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("issuer-uri");
    }

    @Test
    void nameWhatIsMissing() {
        Duration timeout = Duration.ofSeconds(5);
        String issuer = "https://id.example.com";
        OidcRoles nobody = new OidcRoles(List.of(), List.of(), List.of());
        assertThatThrownBy(() -> settings(issuer, " ", List.of("openid"), ROLES, null, timeout))
                .hasMessageContaining("client-id");
        assertThatThrownBy(() -> settings(issuer, "c", List.of("profile"), ROLES, null, timeout))
                .hasMessageContaining("scopes must contain openid");
        assertThatThrownBy(() -> settings(issuer, "c", List.of("openid"), nobody, null, timeout))
                .hasMessageContaining("roles");
        assertThatThrownBy(() -> settings(issuer, "c", List.of("openid"), ROLES, "https://gate.example.com/", timeout))
                .hasMessageContaining("redirect-uri must end with /login/oidc/callback");
        assertThatThrownBy(() -> settings(issuer, "c", List.of("openid"), ROLES, null, Duration.ofMinutes(1)))
                .hasMessageContaining("timeout");
        assertThat(settings(null, null, List.of("openid"), nobody, null, timeout).isOn()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"a, ADMIN", "b, ADMIN", "e, EDITOR", "v, VIEWER", "v e, EDITOR", "v x a, ADMIN", "x, ", "A, "})
    void giveTheHighestRole(String groups, @Nullable Role role) {
        assertThat(ROLES.highest(List.of(groups.split(" ")))).isEqualTo(Optional.ofNullable(role));
    }

    @Test
    void doNotShowTheSecret() {
        assertThat(from("https://id.example.com").toString()).doesNotContain("the client secret");
    }
}
