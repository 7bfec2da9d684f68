package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Limits;
import dev.postern.access.Rule;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token that the operator assigned. It is valid until it is deleted or expires.
 *
 * @param rules  the rules that say what it may do
 * @param limits when and from where it can be used
 */
public record StaticToken(AccountId account, String name, Instant created, boolean enabled,
        List<Rule> rules, Limits limits) implements Credential.Managed {
    public StaticToken {
        rules = List.copyOf(rules);
    }

    public StaticToken with(String newName, boolean newEnabled, List<Rule> newRules, Limits newLimits) {
        return new StaticToken(account, newName, created, newEnabled, newRules, newLimits);
    }

    void write(ObjectNode json) {
        json.put("name", name).put("created", created.toEpochMilli()).put("enabled", enabled);
        RuleJson.write(json.putArray("rules"), rules);
        LimitsJson.write(json, limits);
    }

    static StaticToken read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "name", "created", "enabled", "rules", LimitsJson.EXPIRES,
                LimitsJson.NETWORKS);
        return new StaticToken(json.account(), json.string("name"), json.time("created"), json.flag("enabled"),
                RuleJson.read("rules", json.array("rules")), LimitsJson.read(json));
    }
}
