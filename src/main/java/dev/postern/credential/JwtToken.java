package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.ApiId;
import dev.postern.access.ApiSet;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceSet;
import dev.postern.access.Limits;
import dev.postern.access.OldSecret;
import dev.postern.access.Rule;
import dev.postern.access.StreamSet;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JWT token: the registration of a key with which clients sign their own tokens.
 *
 * @param apis     the APIs that it may use, with every action
 * @param users    the users for whom its clients may sign tokens
 * @param secretId the ID of the key
 * @param key      the key that verifies signatures
 * @param limits   when and from where its clients' tokens can be used
 * @param old      the secret that was replaced last; only for {@link Key.Secret}
 * @param nameMark identifies the reservation of its name
 */
public record JwtToken(AccountId account, String name, Instant created, boolean enabled, Set<ApiId> apis,
        Set<String> users, String secretId, Key key, Limits limits,
        Optional<OldKey> old, Optional<String> nameMark) implements Credential.Managed {
    public JwtToken {
        apis = Set.copyOf(apis);
        users = Set.copyOf(users);
    }

    /** A token whose secret was not replaced, and that has no mark yet. */
    public JwtToken(AccountId account, String name, Instant created, boolean enabled, Set<ApiId> apis,
            Set<String> users, String secretId, Key key, Limits limits) {
        this(account, name, created, enabled, apis, users, secretId, key, limits, Optional.empty(), Optional.empty());
    }

    public JwtToken withNameMark(String mark) {
        return new JwtToken(account, name, created, enabled, apis, users, secretId, key, limits, old,
                Optional.of(mark));
    }

    /**
     * A secret that was replaced.
     *
     * @param sealed   the secret, sealed
     * @param replaced when it was replaced
     * @param until    when it stops being valid
     */
    public record OldKey(String sealed, Instant replaced, Instant until) {}

    @Override
    public Optional<OldSecret> oldSecret() {
        return old.map(replaced -> new OldSecret(replaced.replaced(), replaced.until()));
    }

    public JwtToken with(Key newKey, Optional<OldKey> newOld) {
        return new JwtToken(account, name, created, enabled, apis, users, secretId, newKey, limits, newOld, nameMark);
    }

    /** A key that verifies signatures. */
    public sealed interface Key {
        /** A sealed secret that the gate generated, for HS256. */
        record Secret(String sealed) implements Key {}

        /** A public key that the client registered, as JWK with its {@code alg}. */
        record Public(String jwk) implements Key {}
    }

    public JwtToken with(String newName, boolean newEnabled, Set<ApiId> newApis, Set<String> newUsers,
            Limits newLimits) {
        return new JwtToken(account, newName, created, newEnabled, newApis, newUsers, secretId, key,
                newLimits, old, nameMark);
    }

    /** The rules for a token that is signed for this user. */
    public List<Rule> rules(String user) {
        return List.of(new Rule(new ApiSet.Only(apis), EnumSet.allOf(Action.class),
                new DeviceSet.Of(Set.of(new DeviceGroup(DeviceGroup.Kind.USER, user))),
                new StreamSet.WholeDevice()));
    }

    void write(ObjectNode json) {
        json.put("name", name).put("created", created.toEpochMilli()).put("enabled", enabled).put("secret_id",
                secretId);
        switch (key) {
            case Key.Secret(var sealed) -> json.put("sealed", sealed);
            case Key.Public(var jwk) -> json.put("jwk", jwk);
        }
        ArrayNode list = json.putArray("apis");
        apis.stream().map(ApiId::value).sorted().forEach(list::add);
        new TreeSet<>(users).forEach(json.putArray("users")::add);
        LimitsJson.write(json, limits);
        old.ifPresent(replaced -> json.put("old_sealed", replaced.sealed())
                .put("old_replaced", replaced.replaced().toEpochMilli())
                .put("old_until", replaced.until().toEpochMilli()));
        NameMark.write(json, nameMark);
    }

    static JwtToken read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "name", "created", "enabled", "secret_id", "sealed", "jwk", "apis",
                "users", LimitsJson.EXPIRES, LimitsJson.NETWORKS, "old_sealed", "old_replaced", "old_until",
                NameMark.MEMBER);
        return new JwtToken(json.account(), json.string("name"), json.time("created"), json.flag("enabled"),
                json.strings("apis").stream().map(ApiId::new).collect(Collectors.toSet()),
                Set.copyOf(json.strings("users")), json.string("secret_id"),
                json.optionalString("jwk").<Key>map(Key.Public::new)
                        .orElseGet(() -> new Key.Secret(json.string("sealed"))),
                LimitsJson.read(json), json.optionalString("old_sealed").map(sealed -> new OldKey(sealed,
                        json.time("old_replaced"), json.time("old_until"))),
                NameMark.read(json));
    }
}
