package dev.postern.credential;

import dev.postern.access.OldSecret;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The secrets of a credential that is looked up by its secret, since it was first rotated. Its record stays under the
 * index of its first secret, so its ID stays the same. Each later secret has a {@link SecretAlias} that leads there. A
 * secret is valid only if the record names it.
 *
 * @param secret index of the current secret
 * @param since  when it became the current one
 * @param old    the secret before, which may still be valid
 * @param next   index of a secret that is about to become the current one, and is not valid yet
 */
public record Rotation(String secret, Instant since, Optional<Old> old, Optional<String> next) {
    static final String[] MEMBERS = {"secret", "secret_since", "old_secret", "old_sealed", "old_until",
            "secret_next"};

    /**
     * A secret that was replaced.
     *
     * @param secret its index
     * @param sealed the secret itself, sealed, if its owner can see it
     * @param until  when it stops being valid
     */
    public record Old(String secret, Optional<String> sealed, Instant until) {}

    /** The secrets of a credential that was not rotated yet. */
    static Rotation none(String home, Instant created) {
        return new Rotation(home, created, Optional.empty(), Optional.empty());
    }

    public Rotation announce(String index) {
        return new Rotation(secret, since, old, Optional.of(index));
    }

    /** The announced secret becomes the current one; the secret that it replaces becomes old, if it stays valid. */
    public Rotation promote(Instant now, Optional<Old> newOld) {
        return new Rotation(next.orElseThrow(), now, newOld, Optional.empty());
    }

    /** Only the current secret is valid from now on. */
    public Rotation withoutOld() {
        return new Rotation(secret, since, Optional.empty(), next);
    }

    /** Only the old secret is valid from now on. */
    public Rotation withoutNew(Instant now) {
        return new Rotation(old.orElseThrow().secret(), now, Optional.empty(), next);
    }

    /** Whether a secret is the current one. */
    public boolean isCurrent(String index) {
        return secret.equals(index);
    }

    /** Whether a secret is the old one, and still valid. */
    public boolean isOld(String index, Instant now) {
        return old.filter(replaced -> replaced.secret().equals(index) && now.isBefore(replaced.until())).isPresent();
    }

    Optional<OldSecret> oldSecret() {
        return old.map(replaced -> new OldSecret(since, replaced.until()));
    }

    static void write(ObjectNode json, Optional<Rotation> rotation) {
        rotation.ifPresent(present -> {
            json.put("secret", present.secret()).put("secret_since", present.since().toEpochMilli());
            present.old().ifPresent(replaced -> {
                json.put("old_secret", replaced.secret()).put("old_until", replaced.until().toEpochMilli());
                replaced.sealed().ifPresent(sealed -> json.put("old_sealed", sealed));
            });
            present.next().ifPresent(announced -> json.put("secret_next", announced));
        });
    }

    static Optional<Rotation> read(RecordJson json) {
        return json.optionalString("secret").map(secret -> new Rotation(secret, json.time("secret_since"),
                json.optionalString("old_secret").map(replaced -> new Old(replaced,
                        json.optionalString("old_sealed"), json.time("old_until"))),
                json.optionalString("secret_next")));
    }
}
