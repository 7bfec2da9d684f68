package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.access.Permissions;
import dev.postern.account.RecordJson;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** An API key. It is limited by permissions, and an account can have many. */
public final class ApiKey implements Rotatable<ApiKey> {
    private final AccountId account;
    private final String title;
    private final Instant created;
    private final boolean enabled;
    private final List<Permission> granted;
    private final String sealedKey;
    private final Limits limits;
    private final Optional<Rotation> rotation;
    private final Permissions permissions;

    /**
     * @param account   the account that owns the key
     * @param title     the title its owner chose
     * @param created   when it was created
     * @param enabled   false while the operator has disabled it
     * @param granted   its permissions, as its owner wrote them
     * @param sealedKey the key itself, sealed
     * @param limits    when and from where it can be used
     * @param rotation  its secrets; empty if it still has the first one only
     */
    public ApiKey(AccountId account, String title, Instant created, boolean enabled, List<Permission> granted,
            String sealedKey, Limits limits, Optional<Rotation> rotation) {
        this.account = account;
        this.title = title;
        this.created = created;
        this.enabled = enabled;
        this.granted = List.copyOf(granted);
        this.sealedKey = sealedKey;
        this.limits = limits;
        this.rotation = rotation;
        this.permissions = Permissions.of(granted.stream().flatMap(permission -> permission.rules().stream()).toList());
    }

    /** A key that was not rotated yet. */
    public ApiKey(AccountId account, String title, Instant created, boolean enabled, List<Permission> granted,
            String sealedKey, Limits limits) {
        this(account, title, created, enabled, granted, sealedKey, limits, Optional.empty());
    }

    /** What {@code /keys} can change; the rest stays. */
    public ApiKey with(String newTitle, List<Permission> newGrants) {
        return with(newTitle, enabled, newGrants, limits);
    }

    public ApiKey with(String newTitle, boolean newEnabled, List<Permission> newGrants, Limits newLimits) {
        return new ApiKey(account, newTitle, created, newEnabled, newGrants, sealedKey, newLimits, rotation);
    }

    @Override
    public ApiKey with(Rotation newRotation, Optional<String> sealed) {
        return new ApiKey(account, title, created, enabled, granted, sealed.orElse(sealedKey), limits,
                Optional.of(newRotation));
    }

    @Override
    public Optional<Rotation> rotation() {
        return rotation;
    }

    @Override
    public Optional<String> sealed() {
        return Optional.of(sealedKey);
    }

    @Override
    public AccountId account() {
        return account;
    }

    /** The permissions, merged for decisions. */
    public Permissions permissions() {
        return permissions;
    }

    /** The title. */
    @Override
    public String name() {
        return title;
    }

    @Override
    public Instant created() {
        return created;
    }

    @Override
    public boolean enabled() {
        return enabled;
    }

    /** The permissions, as the owner wrote them. */
    public List<Permission> granted() {
        return granted;
    }

    /** The current key, sealed. */
    public String sealedKey() {
        return sealedKey;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    /** Every device that appears in a permission, whatever the permission allows. */
    public Set<DeviceId> devices() {
        Set<DeviceId> devices = new LinkedHashSet<>();
        granted.forEach(permission -> permission.resources().forEach(resource -> devices.add(resource.device())));
        return devices;
    }

    void write(ObjectNode json) {
        json.put("title", title).put("created", created.toEpochMilli()).put("sealed", sealedKey);
        if (!enabled) {
            json.put("enabled", false);
        }
        PermissionJson.write(json.putArray("permissions"), granted);
        LimitsJson.write(json, limits);
        Rotation.write(json, rotation);
    }

    static ApiKey read(RecordJson json) {
        json.requireOnly(RecordJson.and(Rotation.MEMBERS, "v", "account", "kind", "title", "created", "enabled",
                "sealed", "permissions", LimitsJson.EXPIRES, LimitsJson.NETWORKS));
        return new ApiKey(json.account(), json.string("title"), json.time("created"),
                !json.has("enabled") || json.flag("enabled"), PermissionJson.readRecord(json.array("permissions")),
                json.string("sealed"), LimitsJson.read(json), Rotation.read(json));
    }
}
