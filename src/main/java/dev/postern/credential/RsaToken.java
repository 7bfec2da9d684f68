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
import dev.postern.store.SecretKeys;
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
 * An RSA open token: the registration of a key pair with which clients encrypt their own tokens.
 *
 * @param apis          the APIs that it may use, with every action
 * @param projects      the projects whose devices it may use
 * @param keyId         the ID of the key pair
 * @param keyIndex      keyed hash of the key that each token contains
 * @param sealedKey     that key, sealed
 * @param sealedPrivate the private key, sealed
 * @param limits        when and from where its clients' tokens can be used
 * @param nameMark      identifies the reservation of its name
 */
public record RsaToken(AccountId account, String name, Instant created, boolean enabled, Set<ApiId> apis,
        Set<String> projects, String keyId, String keyIndex, String sealedKey,
        String sealedPrivate, Limits limits, Optional<String> nameMark) implements Credential.Managed {
    public RsaToken {
        apis = Set.copyOf(apis);
        projects = Set.copyOf(projects);
    }

    /** A token that has no mark yet. */
    public RsaToken(AccountId account, String name, Instant created, boolean enabled, Set<ApiId> apis,
            Set<String> projects, String keyId, String keyIndex, String sealedKey, String sealedPrivate,
            Limits limits) {
        this(account, name, created, enabled, apis, projects, keyId, keyIndex, sealedKey, sealedPrivate, limits,
                Optional.empty());
    }

    public RsaToken withNameMark(String mark) {
        return new RsaToken(account, name, created, enabled, apis, projects, keyId, keyIndex, sealedKey, sealedPrivate,
                limits, Optional.of(mark));
    }

    /** The keyed hash under which the record stores the secret key that clients put into each token. */
    public static String indexOfKey(SecretKeys secrets, String key) {
        return secrets.index("rsa-token-key", key);
    }

    public RsaToken with(String newName, boolean newEnabled, Set<ApiId> newApis, Set<String> newProjects,
            Limits newLimits) {
        return new RsaToken(account, newName, created, newEnabled, newApis, newProjects, keyId, keyIndex, sealedKey,
                sealedPrivate, newLimits, nameMark);
    }

    /** Its key pair cannot be replaced. */
    @Override
    public Optional<OldSecret> oldSecret() {
        return Optional.empty();
    }

    public List<Rule> rules() {
        return List.of(new Rule(new ApiSet.Only(apis), EnumSet.allOf(Action.class),
                new DeviceSet.Of(projects.stream().map(id -> new DeviceGroup(DeviceGroup.Kind.PROJECT, id))
                        .collect(Collectors.toSet())),
                new StreamSet.WholeDevice()));
    }

    void write(ObjectNode json) {
        json.put("name", name).put("created", created.toEpochMilli()).put("enabled", enabled).put("key_id", keyId)
                .put("key", keyIndex).put("sealed", sealedKey).put("private", sealedPrivate);
        ArrayNode list = json.putArray("apis");
        apis.stream().map(ApiId::value).sorted().forEach(list::add);
        new TreeSet<>(projects).forEach(json.putArray("projects")::add);
        LimitsJson.write(json, limits);
        NameMark.write(json, nameMark);
    }

    static RsaToken read(RecordJson json) {
        json.requireOnly("v", "account", "kind", "name", "created", "enabled", "key_id", "key", "sealed", "private",
                "apis", "projects", LimitsJson.EXPIRES, LimitsJson.NETWORKS, NameMark.MEMBER);
        return new RsaToken(json.account(), json.string("name"), json.time("created"), json.flag("enabled"),
                json.strings("apis").stream().map(ApiId::new).collect(Collectors.toSet()),
                Set.copyOf(json.strings("projects")), json.string("key_id"), json.string("key"),
                json.string("sealed"), json.string("private"), LimitsJson.read(json), NameMark.read(json));
    }
}
