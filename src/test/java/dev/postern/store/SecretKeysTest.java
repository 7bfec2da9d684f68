package dev.postern.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretKeysTest {
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameAFileThatIsNotThere() {
        file = folder.resolve("made").resolve("secret-keys.json");
    }

    @Test
    void areCreatedReadableByTheirOwnerOnly() throws IOException {
        SecretKeys.load(file, true);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(file.getParent()).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void areNotCreatedUnlessRequested() {
        assertThatIllegalStateException().isThrownBy(() -> SecretKeys.load(file, false))
                .withMessageContainingAll(file.toAbsolutePath().toString(), "does not exist",
                        "postern.secret-keys.file", "postern.secret-keys.create=true");
        assertThat(file).doesNotExist();
    }

    @Test
    void areTheSameAfterReading() throws IOException {
        SecretKeys first = SecretKeys.load(file, true);
        String written = Files.readString(file);
        SecretKeys again = SecretKeys.load(file, true);
        SecretKeys withoutMaking = SecretKeys.load(file, false);

        assertThat(Files.readString(file)).isEqualTo(written);
        assertThat(again.index("credential", "secret")).isEqualTo(first.index("credential", "secret"));
        assertThat(withoutMaking.fingerprint()).isEqualTo(first.fingerprint());
        assertThat(again.open(first.seal("secret", "here"), "here")).isEqualTo("secret");
    }

    @Test
    void indexASecretWithoutRevealingIt() {
        SecretKeys keys = SecretKeys.load(file, true);

        assertThat(keys.index("credential", "secret")).matches("[A-Za-z0-9_-]{43}")
                .isEqualTo(keys.index("credential", "secret"))
                .isNotEqualTo(keys.index("credential", "Secret"))
                .doesNotContain("secret");
    }

    @Test
    void indexTheSameTextDifferentlyForEachPurpose() {
        SecretKeys keys = SecretKeys.load(file, true);

        assertThat(List.of(keys.index("credential", "secret"), keys.index("session", "secret"),
                keys.index("credentials", "ecret"), keys.index("", "credentialsecret"))).doesNotHaveDuplicates();
    }

    @Test
    void indexConsistentlyOnEveryThread() {
        SecretKeys keys = SecretKeys.load(file, true);
        List<String> expected = IntStream.range(0, 200).mapToObj(i -> keys.index("credential", "secret-" + i))
                .toList();

        assertThat(IntStream.range(0, 200).parallel().mapToObj(i -> keys.index("credential", "secret-" + i)).toList())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", "=BH7aIa62iJH73t4ZwIory3ne=8=", "ключ \0 \ud83d\udd11"})
    void openWhatTheySealed(String secret) {
        SecretKeys keys = SecretKeys.load(file, true);
        String sealed = keys.seal(secret, "api-key:1");

        assertThat(keys.open(sealed, "api-key:1")).isEqualTo(secret);
    }

    @Test
    void sealTheSameSecretDifferentlyEachTime() {
        SecretKeys keys = SecretKeys.load(file, true);

        assertThat(keys.seal("secret", "here")).isNotEqualTo(keys.seal("secret", "here"));
        assertThat(new String(Base64.getDecoder().decode(keys.seal("secret", "here")), StandardCharsets.ISO_8859_1))
                .doesNotContain("secret");
    }

    @Test
    void openNothingInAnotherContext() {
        SecretKeys keys = SecretKeys.load(file, true);
        String sealed = keys.seal("secret", "api-key:1");

        assertDoesNotOpen(keys, sealed, "api-key:2");
        assertDoesNotOpen(keys, sealed, "");
        assertDoesNotOpen(SecretKeys.load(folder.resolve("other.json"), true), sealed, "api-key:1");
    }

    @Test
    void openNothingThatWasAltered() {
        SecretKeys keys = SecretKeys.load(file, true);
        byte[] sealed = Base64.getDecoder().decode(keys.seal("secret", "here"));
        sealed[sealed.length - 1] ^= 1;

        assertDoesNotOpen(keys, Base64.getEncoder().encodeToString(sealed), "here");
        assertDoesNotOpen(keys, "", "here");
        assertDoesNotOpen(keys, "no base64!", "here");
    }

    @Test
    void haveDistinctFingerprints() {
        SecretKeys keys = SecretKeys.load(file, true);
        SecretKeys others = SecretKeys.load(folder.resolve("other.json"), true);

        assertThat(keys.fingerprint()).isNotEqualTo(others.fingerprint());
        assertThat(keys.index("credential", "secret")).isNotEqualTo(others.index("credential", "secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s3cret", "{", "null", "[]", "{}", "{\"s3cret\":1}", "{\"pepper\":\"s3cret!\"}",
            "{\"pepper\":null,\"sealing\":{}}", "{\"pepper\":5,\"sealing\":{}}",
            "{\"pepper\":\"s3cret00\",\"sealing\":{}}",
            "{\"pepper\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
            "{\"pepper\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"sealing\":\"s3cret\"}",
            "{\"pepper\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"sealing\":null}",
            "{\"pepper\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"sealing\":{\"key\":[\"s3cret\"]}}"})
    void sayThatTheirFileCannotBeUsedWithoutQuotingIt(String content) throws IOException {
        Files.createDirectories(folder.resolve("made"));
        Files.writeString(file, content);

        assertThatIllegalStateException().isThrownBy(() -> SecretKeys.load(file, true))
                .withMessageStartingWith("The secret keys in " + file)
                .satisfies(failure -> assertThat(failure).hasMessageNotContaining("s3cret"))
                .withNoCause();
        assertThat(file).hasContent(content);
    }

    @Test
    void reportAFileThatIsNotText() throws IOException {
        Files.createDirectories(folder.resolve("made"));
        Files.write(file, new byte[]{(byte) 0xff, (byte) 0xfe, 0, 1});

        assertThatIllegalStateException().isThrownBy(() -> SecretKeys.load(file, true))
                .withMessage("The secret keys in " + file.toAbsolutePath()
                        + " cannot be used (MalformedInputException)");
    }

    private static void assertDoesNotOpen(SecretKeys keys, String sealed, String context) {
        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> keys.open(sealed, context))
                .withMessage("The sealed secret " + context + " does not open with the secret keys of this gate.")
                .withNoCause();
    }
}
