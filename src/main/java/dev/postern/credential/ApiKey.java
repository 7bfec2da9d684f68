package dev.postern.credential;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.access.Permissions;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A key that is limited by permissions; an account has many. */
public final class ApiKey implements Credential.Stored {
    private final AccountId account;
    private final String title;
    private final Instant created;
    private final List<Permission> granted;
    private final String sealedKey;
    private final Permissions permissions;

    /**
     * @param account   whose key it is
     * @param title     what its owner calls it
     * @param created   when it was made
     * @param granted   what it may do, as its owner wrote it
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

    /** What it may do. */
    public Permissions permissions() {
        return permissions;
    }

    public String title() {
        return title;
    }

    public Instant created() {
        return created;
    }

    /** What it may do, as its owner wrote it. */
    public List<Permission> granted() {
        return granted;
    }

    public String sealedKey() {
        return sealedKey;
    }

    /** Every device that a permission names, whatever it allows. */
    public Set<DeviceId> devices() {
        Set<DeviceId> devices = new LinkedHashSet<>();
        granted.forEach(permission -> permission.resources().forEach(resource -> devices.add(resource.device())));
        return devices;
    }
}
