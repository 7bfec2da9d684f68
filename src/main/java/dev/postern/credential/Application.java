package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Rule;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A program of the account: it gets access tokens with its key and secret, and its terminals get theirs with its key alone.
 *
 * @param platform  what it runs on
 * @param rules     what its tokens may do at most
 * @param sealedKey its key, sealed
 * @param secret    the secret that counts
 * @param previous  the secret before, while it still counts
 */
public record Application(AccountId account, String name, Instant created, boolean enabled, Platform platform,
        List<Rule> rules, String sealedKey, Secret secret, Optional<Previous> previous) implements Credential.Managed {
    public Application {
        rules = List.copyOf(rules);
    }

    /** What an application runs on. */
    public enum Platform {
        /** Its terminals need no authcode. */
        SOFTWARE,
        /** Each of its terminals needs an authcode. */
        HARDWARE;

        /** As it is written, in lower case. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The platform of this word; empty when there is none. */
        public static Optional<Platform> named(String word) {
            return Arrays.stream(values()).filter(platform -> platform.word().equals(word)).findFirst();
        }
    }

    /**
     * A secret as it is stored.
     *
     * @param index its keyed hash
     */
    public record Secret(String index, Instant created) {}

    /**
     * A secret that was replaced.
     *
     * @param until when it stops to count
     */
    public record Previous(Secret secret, Instant until) {}

    public Application with(String newName, boolean newEnabled, List<Rule> newRules) {
        return new Application(account, newName, created, newEnabled, platform, newRules, sealedKey, secret, previous);
    }

    public Application withSecret(Secret newSecret, Instant oldUntil) {
        return new Application(account, name, created, enabled, platform, rules, sealedKey, newSecret,
                Optional.of(new Previous(secret, oldUntil)));
    }

    void write(ObjectNode json) {
        json.put("name", name).put("created", created.toEpochMilli()).put("enabled", enabled)
                .put("platform", platform.word()).put("sealed", sealedKey).put("secret", secret.index())
                .put("secret_created", secret.created().toEpochMilli());
        previous.ifPresent(old -> json.put("previous", old.secret().index())
                .put("previous_created", old.secret().created().toEpochMilli())
                .put("previous_until", old.until().toEpochMilli()));
        RuleJson.write(json.putArray("rules"), rules);
    }

    static Application read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "name", "created", "enabled", "platform", "sealed", "secret",
                "secret_created", "previous", "previous_created", "previous_until", "rules");
        Optional<Previous> previous = json.optionalString("previous").map(index -> new Previous(
                new Secret(index, json.time("previous_created")), json.time("previous_until")));
        return new Application(json.account(), json.string("name"), json.time("created"), json.flag("enabled"),
                Platform.named(json.string("platform")).orElseThrow(), RuleJson.read("rules", json.array("rules")),
                json.string("sealed"), new Secret(json.string("secret"), json.time("secret_created")), previous);
    }
}
