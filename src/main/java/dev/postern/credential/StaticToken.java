package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token that the operator assigned. It is valid until it is deleted or expires.
 *
 * @param rules  the rules that say what it may do
 * @param limits when and from where it can be used
 * @param rotation its secrets; empty if it still has the first one only
 * @param nameMark identifies the reservation of its name
 */
public record StaticToken(AccountId account, String name, Instant created, boolean enabled,
        List<Rule> rules, Limits limits, Optional<Rotation> rotation,
        Optional<String> nameMark) implements Rotatable<StaticToken> {
    public StaticToken {
        rules = List.copyOf(rules);
    }

    /** A token that was not rotated yet, and has no mark yet. */
    public StaticToken(AccountId account, String name, Instant created, boolean enabled, List<Rule> rules,
            Limits limits) {
        this(account, name, created, enabled, rules, limits, Optional.empty(), Optional.empty());
    }

    public StaticToken withNameMark(String mark) {
        return new StaticToken(account, name, created, enabled, rules, limits, rotation, Optional.of(mark));
    }

    @Override
    public StaticToken with(Rotation newRotation, Optional<String> sealed) {
        return new StaticToken(account, name, created, enabled, rules, limits, Optional.of(newRotation), nameMark);
    }

    /** Nobody can see it again. */
    @Override
    public Optional<String> sealed() {
        return Optional.empty();
    }

    public StaticToken with(String newName, boolean newEnabled, List<Rule> newRules, Limits newLimits) {
        return new StaticToken(account, newName, created, newEnabled, newRules, newLimits, rotation, nameMark);
    }

    void write(ObjectNode json) {
        json.put("name", name).put("created", created.toEpochMilli()).put("enabled", enabled);
        RuleJson.write(json.putArray("rules"), rules);
        LimitsJson.write(json, limits);
        Rotation.write(json, rotation);
        NameMark.write(json, nameMark);
    }

    static StaticToken read(RecordJson json) {
        json.requireOnly(RecordJson.and(Rotation.MEMBERS, "v", "account", "kind", "name", "created", "enabled", "rules",
                LimitsJson.EXPIRES, LimitsJson.NETWORKS, NameMark.MEMBER));
        return new StaticToken(json.account(), json.string("name"), json.time("created"), json.flag("enabled"),
                RuleJson.read("rules", json.array("rules")), LimitsJson.read(json),
                Rotation.read(json), NameMark.read(json));
    }
}
