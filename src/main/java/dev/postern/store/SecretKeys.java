package dev.postern.store;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The two secrets that are never in Redis: the pepper for the index of credentials, and the key that encrypts
 * credentials that may be shown again. All gates on one Redis must have the same.
 */
public final class SecretKeys {
    private static final int PEPPER_BYTES = 32;
    private static final Configuration SEALING = AeadConfig2026.get();
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ThreadLocal<Mac> macs;
    private final Aead aead;

    private SecretKeys(byte[] pepper, Aead aead) {
        SecretKeySpec key = new SecretKeySpec(pepper, "HmacSHA256");
        this.macs = ThreadLocal.withInitial(() -> mac(key));
        this.aead = aead;
    }

    /**
     * Reads the secrets from their file.
     *
     * @param file   the file, readable by its owner only
     * @param create whether to create the file when it is missing
     * @throws IllegalStateException if the file is missing and must not be created, or cannot be used; the message says
     *         which
     */
    public static SecretKeys load(Path file, boolean create) {
        try {
            if (!Files.exists(file)) {
                if (!create) {
                    throw new IllegalStateException("The secret keys are missing: " + file.toAbsolutePath()
                            + " does not exist. All gates on one Redis need the same file. Copy it here, set its path with"
                            + " postern.secret-keys.file, or, for a Redis that no gate has used yet, start once with"
                            + " postern.secret-keys.create=true");
                }
                create(file);
            }
            JsonNode json = JSON.readTree(Files.readString(file));
            JsonNode encoded = json.required("pepper");
            // For a JSON null, stringValue() returns a Java null.
            byte[] pepper = encoded.isString() ? Base64.getDecoder().decode(encoded.stringValue()) : new byte[0];
            if (pepper.length != PEPPER_BYTES) {
                throw new IllegalStateException("The secret keys in " + file + " have no pepper of 32 bytes");
            }
            KeysetHandle sealing = TinkJsonProtoKeysetFormat.parseKeyset(json.required("sealing").toString(),
                    SEALING, InsecureSecretKeyAccess.get());
            return new SecretKeys(pepper, sealing.getPrimitive(SEALING, Aead.class));
        } catch (IOException | GeneralSecurityException | JacksonException | IllegalArgumentException unusable) {
            // The cause might quote the file.
            throw new IllegalStateException("The secret keys in " + file.toAbsolutePath() + " cannot be used ("
                    + unusable.getClass().getSimpleName() + ")");
        }
    }

    private static void create(Path file) throws IOException, GeneralSecurityException {
        byte[] pepper = new byte[PEPPER_BYTES];
        new SecureRandom().nextBytes(pepper);
        ObjectNode json = JSON.createObjectNode();
        json.put("pepper", Base64.getEncoder().encodeToString(pepper));
        json.set("sealing", JSON.readTree(TinkJsonProtoKeysetFormat.serializeKeyset(
                KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, SEALING), SEALING,
                InsecureSecretKeyAccess.get())));
        try {
            PrivateFiles.create(file, JSON.writeValueAsString(json));
        } catch (FileAlreadyExistsException otherGate) {
            // Another gate on this machine was faster: use its file.
        }
    }

    /**
     * The index under which Redis stores a secret's record, instead of the secret itself.
     *
     * @param purpose separates equal texts with different purposes
     * @return HMAC-SHA-256 in URL-safe base64, 43 characters
     */
    public String index(String purpose, String secret) {
        Mac mac = macs.get();
        mac.update(purpose.getBytes(StandardCharsets.UTF_8));
        mac.update((byte) 0);
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Encrypts a secret that may be shown again.
     *
     * @param context where the sealed text belongs; it cannot be opened with any other context
     */
    public String seal(String secret, String context) {
        try {
            return Base64.getEncoder().encodeToString(aead.encrypt(secret.getBytes(StandardCharsets.UTF_8),
                    context.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException("sealing failed", failed);
        }
    }

    /** @throws UnreadableRecordException if the text was not sealed here for this context */
    public String open(String sealed, String context) {
        try {
            return new String(
                    aead.decrypt(Base64.getDecoder().decode(sealed), context.getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException notOurs) {
            throw new UnreadableRecordException(
                    "The sealed secret " + context + " does not open with the secret keys of this gate.");
        }
    }

    /** Distinguishes sets of secret keys without revealing anything about them. */
    public String fingerprint() {
        return index("fingerprint", "");
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
            throw new IllegalStateException("every JDK has HmacSHA256", impossible);
        }
    }
}
