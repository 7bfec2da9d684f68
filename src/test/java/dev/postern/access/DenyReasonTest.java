package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.DenyReason.OAuthError;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DenyReasonTest {
    @Test
    void eachHasANumberOfItsOwn() {
        assertThat(DenyReason.values()).extracting(DenyReason::errno).doesNotHaveDuplicates().doesNotContain(0);
    }

    @Test
    void eachHasAWordACodeAndATextOfItsOwn() {
        assertThat(DenyReason.values()).extracting(DenyReason::word).doesNotHaveDuplicates();
        assertThat(DenyReason.values()).filteredOn(reason -> !reason.isLicenseReason())
                .extracting(DenyReason::code).doesNotHaveDuplicates().doesNotContain("D1022");
        assertThat(DenyReason.values()).extracting(DenyReason::text).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void hasConsistentWordsCodesAndNumbers(DenyReason reason) {
        assertThat(reason.word()).matches("[a-z]+(_[a-z]+)+");
        // Clients know one code and one prompt for all license reasons.
        assertThat(reason.code()).isEqualTo(reason.isLicenseReason() ? "D1022" : "E" + reason.errno());
        assertThat(reason.prompt()).isEqualTo(
                reason.isLicenseReason() ? "[D1022] No corresponding authorization" : reason.text());
        assertThat(reason.errno() / 100).isEqualTo(reason.status());
        assertThat(reason.text()).matches("[A-Z].*[^.]\\.");
    }

    @ParameterizedTest
    @EnumSource
    void asksForAnotherCredentialOnlyIfOneWouldHelp(DenyReason reason) {
        Set<Integer> statuses = switch (reason.oauthError()) {
            case NONE -> reason.isLicenseReason()
                    ? Set.of(403)
                    : Set.of(400, 404, 405, 408, 413, 414, 426, 431, 500, 502, 503, 504, 505);
            case BARE, INVALID_TOKEN -> Set.of(401);
            case INVALID_REQUEST -> Set.of(400);
            case INSUFFICIENT_SCOPE -> Set.of(403);
        };
        assertThat(statuses).contains(reason.status());
    }

    @Test
    void hidesWhyACredentialIsInvalid() {
        for (DenyReason reason : DenyReason.values()) {
            assertThat(reason.forClient()).isEqualTo(
                    reason.oauthError() == OAuthError.INVALID_TOKEN ? DenyReason.CREDENTIAL_INVALID : reason);
        }
        assertThat(new AccessDecision.Denied(DenyReason.TOKEN_EXPIRED, "at noon").forClient())
                .isEqualTo(new AccessDecision.Denied(DenyReason.CREDENTIAL_INVALID));
        AccessDecision.Denied open = new AccessDecision.Denied(DenyReason.DEVICE_NOT_PERMITTED, "lamp-1");
        assertThat(open.forClient()).isEqualTo(open);
    }

    @Test
    void spellsOAuthErrorsAsTheStandardDoes() {
        assertThat(Arrays.stream(OAuthError.values())
                .filter(error -> error != OAuthError.NONE && error != OAuthError.BARE).map(OAuthError::word))
                .containsExactly("invalid_request", "invalid_token", "insufficient_scope");
    }

    @Test
    void aDenialWithoutDetailHasTheTextOfItsReason() {
        assertThat(new AccessDecision.Denied(DenyReason.CREDENTIAL_UNKNOWN))
                .isEqualTo(new AccessDecision.Denied(DenyReason.CREDENTIAL_UNKNOWN,
                        "The credential is unknown."));
    }
}
