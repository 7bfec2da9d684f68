package dev.postern.management;

import dev.postern.store.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator's token. It is kept as a digest and compared in constant time. */
public final class OperatorToken {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorToken.class);
    private static final int RANDOM_BYTES = 32;
    private static final int SHORT = 16;

    private final byte[] digest;

    private OperatorToken(String token) {
        this.digest = sha256(token);
    }

    /**
     * Loads the configured token, or else the one in the file. The file is created if it is missing.
     *
     * @param configured the token; null or blank if none is configured
     * @param file       the file for the generated token, readable only by its owner
     * @throws IllegalStateException if the file cannot be used
     */
    public static OperatorToken load(@Nullable String configured, Path file) {
        if (configured != null && !configured.isBlank()) {
            if (configured.length() < SHORT) {
                LOG.warn("postern.operator-token is shorter than {} characters", SHORT);
            }
            return new OperatorToken(configured.strip());
        }
        try {
            if (!Files.exists(file)) {
                byte[] random = new byte[RANDOM_BYTES];
                new SecureRandom().nextBytes(random);
                create(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
            }
            String token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new IllegalStateException("The operator token file " + file.toAbsolutePath()
                        + " is empty. Delete it to get a new token");
            }
            LOG.info("The operator token is in {}", file.toAbsolutePath().normalize());
            return new OperatorToken(token);
        } catch (IOException unusable) {
            throw new IllegalStateException("The operator token file " + file.toAbsolutePath() + " cannot be used: "
                    + unusable.getMessage(), unusable);
        }
    }

    private static void create(Path file, String token) throws IOException {
        try {
            PrivateFiles.create(file, token + "\n");
        } catch (FileAlreadyExistsException otherGate) {
            LOG.debug("Another gate created the operator token first");
        }
    }

    boolean matches(String presented) {
        return MessageDigest.isEqual(digest, sha256(presented));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
