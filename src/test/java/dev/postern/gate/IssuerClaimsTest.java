package dev.postern.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import dev.postern.support.ClientTokens;
import dev.postern.support.SharedGate;
import dev.postern.support.TestGate;
import dev.postern.support.TestIssuer;
import dev.postern.support.UsesSharedGate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens in the form that widely used identity providers give them: claims in objects, keys without an algorithm, no
 * kid.
 */
@UsesSharedGate
public class IssuerClaimsTest {
    private static final TestGate GATE = SharedGate.GATE;

    private final String account = GATE.newCustomer().account();

    private String claims(String roles, String devices) {
        return ClientTokens.claims("\"iss\":\"" + SharedGate.REALM_ISSUER + "\",\"aud\":\"" + TestIssuer.AUDIENCE
                + "\",\"sub\":\"alice\",\"tenant\":{\"id\":\"" + account + "\"},\"realm_access\":{\"roles\":" + roles
                + "},\"https://example.com/devices\":" + devices);
    }

    private static String signed(String claims) {
        return SharedGate.REALM.signed(JWSAlgorithm.RS256, "first", claims);
    }

    @Test
    void readsAccountScopesAndDevicesFromTheConfiguredClaims() {
        String token = signed(claims("[\"devices:get\",\"offline_access\"]", "[\"lamp\",39593230]"));

        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/39593230").status()).isEqualTo(200);
        assertThat(GATE.call(token, "GET", "/devices/fan").reason()).isEqualTo("device_not_permitted");
        assertThat(GATE.call(token, "PUT", "/devices/lamp").reason()).isEqualTo("action_not_permitted");
        assertThat(GATE.call(token, "GET", "/devices/lamp/datapoints").reason()).isEqualTo("api_not_permitted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"lamp\",9007199254740993]", "[\"lamp\",1.5]", "[\"lamp\",null]", "{\"lamp\":true}"})
    void refusesAmbiguousDevices(String devices) {
        String token = signed(claims("[\"devices:get\"]", devices));

        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256"})
    void acceptsEveryAllowedAlgorithmForAKeyWithoutOne(String algorithm) {
        String token = SharedGate.REALM.signed(JWSAlgorithm.parse(algorithm), "first",
                claims("[\"devices\"]", "[\"lamp\"]"));

        assertThat(GATE.call(token, "GET", "/devices/lamp").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS384", "RS512", "PS384", "PS512"})
    void refusesAlgorithmsThatTheSettingsDoNotAllow(String algorithm) {
        String token = SharedGate.REALM.signed(JWSAlgorithm.parse(algorithm), "first",
                claims("[\"devices\"]", "[\"lamp\"]"));

        assertThat(GATE.call(token, "GET", "/devices/lamp").reason()).isEqualTo("credential_invalid");
    }

    @Test
    void noticesANewKeyUnderTheOldId() {
        String claims = claims("[\"devices\"]", "[\"lamp\"]");
        String before = signed(claims);
        assertThat(GATE.call(before, "GET", "/devices/lamp").status()).isEqualTo(200);

        SharedGate.REALM.replaceKeys("first");

        assertThat(GATE.call(signed(claims), "GET", "/devices/lamp").status()).isEqualTo(200);
        assertThat(GATE.call(SharedGate.REALM.signed(JWSAlgorithm.PS256, "", claims), "GET", "/devices/lamp").status())
                .as("without a kid").isEqualTo(200);
        assertThat(GATE.call(before, "GET", "/devices/lamp").reason()).as("it was remembered")
                .isEqualTo("credential_invalid");
    }
}
