package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.OldSecret;
import dev.postern.access.Rule;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A program of the account. It gets access tokens with its key and secret; its terminals need the key, but no secret.
 *
 * @param platform  the platform it runs on
 * @param rules     the most that its tokens may do
 * @param sealedKey its key, sealed
 * @param secret    the current secret
 * @param previous  the previous secret, while it is still valid
 * @param limits    when and from where it can be used, and its tokens with it
 */
public record Application(AccountId account, String name, Instant created, boolean enabled, Platform platform,
        List<Rule> rules, String sealedKey, Secret secret, Optional<Previous> previous,
        Limits limits) implements Credential.Managed {
    public Application {
        rules = List.copyOf(rules);
    }

    /** The platform of an application. */
    public enum Platform {
        /** Its terminals need no authcode. */
        SOFTWARE,
        /** Each of its terminals needs an authcode. */
        HARDWARE;

        /** The name of the platform in records and requests, in lower case. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The platform with this name; empty if there is none. */
        public static Optional<Platform> named(String word) {
            return Arrays.stream(values()).filter(platform -> platform.word().equals(word)).findFirst();
        }
    }

    /**
     * The stored form of a secret.
     *
     * @param index its keyed hash
     */
    public record Secret(String index, Instant created) {}

    /**
     * A secret that was replaced.
     *
     * @param until when it stops being valid
     */
    public record Previous(Secret secret, Instant until) {}

    @Override
    public Optional<OldSecret> oldSecret() {
        return previous.map(old -> new OldSecret(secret.created(), old.until()));
    }

    /** Only the current secret is valid from now on. */
    public Application withoutPrevious() {
        return new Application(account, name, created, enabled, platform, rules, sealedKey, secret, Optional.empty(),
                limits);
    }

    /** Only the previous secret is valid from now on. */
    public Application withoutCurrent() {
        return new Application(account, name, created, enabled, platform, rules, sealedKey,
                previous.orElseThrow().secret(), Optional.empty(), limits);
    }

    public Application with(String newName, boolean newEnabled, List<Rule> newRules, Limits newLimits) {
        return new Application(account, newName, created, newEnabled, platform, newRules, sealedKey, secret, previous,
                newLimits);
    }

    public Application withSecret(Secret newSecret, Instant oldUntil) {
        return new Application(account, name, created, enabled, platform, rules, sealedKey, newSecret,
                Optional.of(new Previous(secret, oldUntil)), limits);
    }

    void write(ObjectNode json) {
        json.put("name", name).put("created", created.toEpochMilli()).put("enabled", enabled)
                .put("platform", platform.word()).put("sealed", sealedKey).put("secret", secret.index())
                .put("secret_created", secret.created().toEpochMilli());
        previous.ifPresent(old -> json.put("previous", old.secret().index())
                .put("previous_created", old.secret().created().toEpochMilli())
                .put("previous_until", old.until().toEpochMilli()));
        RuleJson.write(json.putArray("rules"), rules);
        LimitsJson.write(json, limits);
    }

    static Application read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "name", "created", "enabled", "platform", "sealed", "secret",
                "secret_created", "previous", "previous_created", "previous_until", "rules", LimitsJson.EXPIRES,
                LimitsJson.NETWORKS);
        Optional<Previous> previous = json.optionalString("previous").map(index -> new Previous(
                new Secret(index, json.time("previous_created")), json.time("previous_until")));
        return new Application(json.account(), json.string("name"), json.time("created"), json.flag("enabled"),
                Platform.named(json.string("platform")).orElseThrow(), RuleJson.read("rules", json.array("rules")),
                json.string("sealed"), new Secret(json.string("secret"), json.time("secret_created")), previous,
                LimitsJson.read(json));
    }
}
