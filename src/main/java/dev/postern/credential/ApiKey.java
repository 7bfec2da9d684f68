package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Permissions;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** An API key. It is limited by permissions, and an account can have many. */
public final class ApiKey implements Credential.Stored {
    private final AccountId account;
    private final String title;
    private final Instant created;
    private final List<Permission> granted;
    private final String sealedKey;
    private final Permissions permissions;

    /**
     * @param account   the account that owns the key
     * @param title     the title its owner chose
     * @param created   when it was created
     * @param granted   its permissions, as its owner wrote them
     * @param sealedKey the key itself, sealed
     */
    public ApiKey(AccountId account, String title, Instant created, List<Permission> granted, String sealedKey) {
        this.account = account;
        this.title = title;
        this.created = created;
        this.granted = List.copyOf(granted);
        this.sealedKey = sealedKey;
        this.permissions = Permissions.of(granted.stream().flatMap(permission -> permission.rules().stream()).toList());
    }

    public ApiKey with(String newTitle, List<Permission> newGrants) {
        return new ApiKey(account, newTitle, created, newGrants, sealedKey);
    }

    @Override
    public AccountId account() {
        return account;
    }

    /** The permissions, merged for decisions. */
    public Permissions permissions() {
        return permissions;
    }

    public String title() {
        return title;
    }

    public Instant created() {
        return created;
    }

    /** The permissions, as the owner wrote them. */
    public List<Permission> granted() {
        return granted;
    }

    public String sealedKey() {
        return sealedKey;
    }

    /** Every device that appears in a permission, whatever the permission allows. */
    public Set<DeviceId> devices() {
        Set<DeviceId> devices = new LinkedHashSet<>();
        granted.forEach(permission -> permission.resources().forEach(resource -> devices.add(resource.device())));
        return devices;
    }
}
