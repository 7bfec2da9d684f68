package dev.postern.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.postern.access.DenyReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompactTokenTest {
    private static final String SIGNED = Tokens.signed(
            "{\"typ\":\"application/JWT\",\"alg\":\"HS256\",\"kid\":\"one\"}", "{\"sub\":\"lamp-1\"}",
            _ -> Tokens.bytes(32, 5));
    private static final String ENCRYPTED = Tokens.encrypted("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}",
            "{\"sub\":\"lamp-1\"}", _ -> Tokens.bytes(256, 5));

    @Test
    void isRecognizedByItsDots() {
        for (String token : List.of(SIGNED, ENCRYPTED, "..", "....", "a.b.c")) {
            assertThat(CompactToken.isOne(token)).as(token).isTrue();
        }
        for (String other : List.of("", ".", "...", ".....", "a", "a.b", "a.b.c.d", "=BH7aIa62iJH73t4ZwIory3ne=8=")) {
            assertThat(CompactToken.isOne(other)).as(other).isFalse();
        }
    }

    @Test
    void isReadAsSigned() {
        CompactToken.Signed token = (CompactToken.Signed) CompactToken.read(SIGNED);

        assertThat(token.header())
                .isEqualTo(new JoseHeader("HS256", Optional.empty(), Optional.of("one"), Optional.of("jwt")));
        assertThat(token.payload()).asString(StandardCharsets.UTF_8).isEqualTo("{\"sub\":\"lamp-1\"}");
        assertThat(token.signingInput()).asString(StandardCharsets.US_ASCII)
                .isEqualTo(SIGNED.substring(0, SIGNED.lastIndexOf('.')));
        assertThat(token.signature()).isEqualTo(Tokens.part(SIGNED, 2));
    }

    @Test
    void isReadAsEncrypted() {
        CompactToken.Encrypted token = (CompactToken.Encrypted) CompactToken.read(ENCRYPTED);

        assertThat(token.header()).isEqualTo(
                new JoseHeader("RSA-OAEP-256", Optional.of("A256GCM"), Optional.empty(), Optional.empty()));
        assertThat(String.join(".", token.encodedHeader(), token.encryptedKey(), token.iv(), token.ciphertext(),
                token.tag())).isEqualTo(ENCRYPTED);
    }

    @Test
    void limitsTheLengthOfItsParts() {
        String header = "{\"alg\":\"HS256\",\"x\":\"" + "x".repeat(768 - 22) + "\"}";
        String signed = Tokens.signed(header, "x".repeat(4608), _ -> Tokens.bytes(512, 1));
        assertThat(signed).hasSize(CompactToken.MAX_HEADER + CompactToken.MAX_PAYLOAD + 683 + 2);
        assertThatNoException().isThrownBy(() -> CompactToken.read(signed));

        for (String longer : List.of(Tokens.with(signed, 0, Tokens.encode(header + " ")),
                Tokens.with(signed, 1, Tokens.encode("x".repeat(4609))),
                Tokens.with(signed, 2, Tokens.encode(Tokens.bytes(514, 1))))) {
            RefusedTokenException refusal = Tokens.refusal(() -> CompactToken.read(longer));
            assertThat(refusal.reason()).isEqualTo(DenyReason.TOKEN_MALFORMED);
            assertThat(refusal.detail()).startsWith("The size of the ").endsWith(" is wrong.");
        }
    }

    @Test
    void doesNotPrintWhatWasPresented() {
        for (String token : List.of(SIGNED, ENCRYPTED)) {
            for (String part : token.split("\\.", -1)) {
                assertThat(CompactToken.read(token).toString()).doesNotContain(part);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', value = {"\"JWT\", jwt", "\"jwt\", jwt", "\"application/jwt\", jwt",
            "\"APPLICATION/AT+JWT\", at+jwt", "\"application/application/jwt\", application/jwt",
            "\"x/application/jwt\", x/application/jwt", "\"\", ~~"})
    void normalizesItsType(String typ, String type) {
        assertThat(header("\"typ\":" + typ).type()).contains(type);
    }

    private static JoseHeader header(String member) {
        return JoseHeader.read(("{\"alg\":\"HS256\"," + member + "}").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void mustHaveTheExpectedType() {
        Set<String> accepted = Set.of("at+jwt");
        JoseHeader none = header("\"kid\":\"one\"");
        JoseHeader right = header("\"typ\":\"at+JWT\"");
        JoseHeader wrong = header("\"typ\":\"JWT\"");

        assertThatNoException().isThrownBy(() -> none.requireType(accepted, false));
        assertThatNoException().isThrownBy(() -> right.requireType(accepted, true));
        assertThatNoException().isThrownBy(() -> right.requireType(accepted, false));
        assertThat(Tokens.refusal(() -> none.requireType(accepted, true)).reason())
                .isEqualTo(DenyReason.TOKEN_HEADER_REFUSED);
        assertThat(Tokens.refusal(() -> wrong.requireType(accepted, false)).reason())
                .isEqualTo(DenyReason.TOKEN_HEADER_REFUSED);
        assertThat(Tokens.refusal(() -> wrong.requireType(accepted, true)).reason())
                .isEqualTo(DenyReason.TOKEN_HEADER_REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"x\":null", "\"x5t\":\"AAAA\"", "\"url\":\"https://example.org\"",
            "\"x\":{\"alg\":\"none\",\"jwk\":{}}", "\"JWK\":{}", "\"x\":1e400", "\"nonce\":\"\\u0000\""})
    void mayHaveUnknownMembers(String member) {
        assertThat(header(member).algorithm()).isEqualTo("HS256");
    }
}
