package dev.postern.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.credential.PresentedCredential;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresentationTest {
    private static final String SECRET = "=BH7aIa62iJH73t4ZwIory3ne=8=";

    @ParameterizedTest
    @ValueSource(strings = {"Bearer =BH7aIa62iJH73t4ZwIory3ne=8=", "bearer =BH7aIa62iJH73t4ZwIory3ne=8=",
            "BEARER =BH7aIa62iJH73t4ZwIory3ne=8=", "bEaReR =BH7aIa62iJH73t4ZwIory3ne=8=",
            "Bearer   =BH7aIa62iJH73t4ZwIory3ne=8=  ", "Bearer\t=BH7aIa62iJH73t4ZwIory3ne=8=",
            "  Bearer =BH7aIa62iJH73t4ZwIory3ne=8=", "=BH7aIa62iJH73t4ZwIory3ne=8=",
            " =BH7aIa62iJH73t4ZwIory3ne=8= "})
    void findsTheCredentialInAuthorization(String authorization) {
        assertThat(read(List.of(authorization), List.of())).isEqualTo(presented(SECRET));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=BH7aIa62iJH73t4ZwIory3ne=8=", " =BH7aIa62iJH73t4ZwIory3ne=8=\t"})
    void findsTheCredentialInApiKey(String apiKey) {
        assertThat(read(List.of(), List.of(apiKey))).isEqualTo(presented(SECRET));
    }

    @Test
    void acceptsACredentialThatOnlyStartsLikeAScheme() {
        assertThat(read(List.of("Bearer12"), List.of())).isEqualTo(presented("Bearer12"));
        assertThat(read(List.of("Bearer bearer"), List.of())).isEqualTo(presented("bearer"));
        assertThat(read(List.of(), List.of("Bearer"))).isEqualTo(presented("Bearer"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesEverythingElse(List<String> authorization, List<String> apiKey, DenyReason reason, String detail) {
        assertThat(read(authorization, apiKey))
                .isEqualTo(new Presentation.Refused(new AccessDecision.Denied(reason, detail)));
    }

    static Stream<Arguments> refusals() {
        String send = "Send it as 'Authorization: Bearer <credential>'.";
        String sendOne = "Send either Authorization or api-key, and only once.";
        String empty = "The credential is empty.";
        String visible = "A credential consists of visible ASCII characters without spaces or commas.";
        List<String> none = List.of();
        return Stream.of(
                Arguments.of(none, none, DenyReason.CREDENTIAL_MISSING, send),
                Arguments.of(List.of("a", "b"), none, DenyReason.CREDENTIAL_AMBIGUOUS, sendOne),
                Arguments.of(List.of("a", "a"), none, DenyReason.CREDENTIAL_AMBIGUOUS, sendOne),
                Arguments.of(none, List.of("a", "a"), DenyReason.CREDENTIAL_AMBIGUOUS, sendOne),
                Arguments.of(List.of("a"), List.of("a"), DenyReason.CREDENTIAL_AMBIGUOUS, sendOne),
                Arguments.of(List.of(""), List.of("a"), DenyReason.CREDENTIAL_AMBIGUOUS, sendOne),
                Arguments.of(List.of(""), none, DenyReason.CREDENTIAL_EMPTY, empty),
                Arguments.of(List.of(" \t"), none, DenyReason.CREDENTIAL_EMPTY, empty),
                Arguments.of(none, List.of(""), DenyReason.CREDENTIAL_EMPTY, empty),
                Arguments.of(none, List.of(" "), DenyReason.CREDENTIAL_EMPTY, empty),
                Arguments.of(List.of("Bearer"), none, DenyReason.CREDENTIAL_EMPTY,
                        "Nothing follows the word Bearer."),
                Arguments.of(List.of("bearer  "), none, DenyReason.CREDENTIAL_EMPTY,
                        "Nothing follows the word Bearer."),
                Arguments.of(List.of("Basic YTpi"), none, DenyReason.CREDENTIAL_SCHEME_UNSUPPORTED, send),
                Arguments.of(List.of("Digest\tusername=x"), none, DenyReason.CREDENTIAL_SCHEME_UNSUPPORTED, send),
                Arguments.of(List.of("a b"), none, DenyReason.CREDENTIAL_SCHEME_UNSUPPORTED, send),
                Arguments.of(List.of("Bearer a b"), none, DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(List.of("Bearer a\tb"), none, DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(List.of("Bearer a,Bearer"), none, DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(List.of("Bearer a, Bearer b"), none, DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(List.of("a,b"), none, DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(none, List.of("a,a"), DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(none, List.of("Bearer a"), DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(none, List.of("a b"), DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(none, List.of("schlüssel"), DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(none, List.of("a\0b"), DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(none, List.of("a\u007f"), DenyReason.CREDENTIAL_MALFORMED, visible),
                Arguments.of(List.of("Bearer\u000ba"), none, DenyReason.CREDENTIAL_MALFORMED, visible));
    }

    @Test
    void acceptsCredentialsOfUpToEightKibibytes() {
        String longest = "x".repeat(8192);
        Presentation tooLong = new Presentation.Refused(new AccessDecision.Denied(DenyReason.CREDENTIAL_TOO_LONG));

        assertThat(read(List.of("Bearer " + longest), List.of())).isEqualTo(presented(longest));
        assertThat(read(List.of(longest), List.of())).isEqualTo(presented(longest));
        assertThat(read(List.of(), List.of(longest))).isEqualTo(presented(longest));
        assertThat(read(List.of("Bearer " + longest + "x"), List.of())).isEqualTo(tooLong);
        assertThat(read(List.of(longest + "x"), List.of())).isEqualTo(tooLong);
        assertThat(read(List.of(), List.of(longest + "x"))).isEqualTo(tooLong);
    }

    @Test
    void doesNotPrintWhatWasPresented() {
        assertThat(read(List.of(), List.of("s3cret"))).asString().doesNotContain("s3cret");
        assertThat(read(List.of("Basic s3cret"), List.of())).asString().doesNotContain("s3cret");
        assertThat(read(List.of(), List.of("s3cret,"))).asString().doesNotContain("s3cret");
    }

    private static Presentation presented(String secret) {
        return new Presentation.Presented(new PresentedCredential(secret));
    }

    private static Presentation read(List<String> authorization, List<String> apiKey) {
        return Presentation.read(name -> switch (name) {
            case "Authorization" -> authorization;
            case "api-key" -> apiKey;
            default -> null;
        });
    }
}
