package dev.postern.operator;

import dev.postern.account.RecordJson;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * An operator who signs in with a name and a password.
 *
 * @param name         unique; lower-case letters, digits, dots, hyphens and underscores
 * @param enabled      false while an administrator has disabled it
 * @param passwordHash the BCrypt hash of the password
 */
public record Operator(String name, Role role, boolean enabled, Instant created, String passwordHash) {
    private static final int VERSION = 1;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final JsonMapper JSON = JsonMapper.shared();

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    public Operator with(Role newRole, boolean newEnabled) {
        return new Operator(name, newRole, newEnabled, created, passwordHash);
    }

    public Operator withPasswordHash(String newHash) {
        return new Operator(name, role, enabled, created, newHash);
    }

    /** Leaves out the hash of the password. */
    @Override
    public String toString() {
        return "Operator[" + name + ", " + role.word() + (enabled ? "]" : ", disabled]");
    }

    String encode() {
        return JSON.writeValueAsString(JSON.createObjectNode().put("v", VERSION).put("name", name)
                .put("role", role.word()).put("enabled", enabled).put("created", created.toEpochMilli())
                .put("password", passwordHash));
    }

    static Operator decode(String record) {
        try {
            RecordJson json = new RecordJson(JSON.readTree(record)).requireOnly("v", "name", "role", "enabled",
                    "created", "password");
            if (json.number("v") != VERSION) {
                throw unreadable();
            }
            return new Operator(json.string("name"), Role.named(json.string("role")).orElseThrow(),
                    json.flag("enabled"), json.time("created"), json.string("password"));
        } catch (JacksonException | IllegalArgumentException | NoSuchElementException corrupt) {
            throw unreadable();
        }
    }

    private static UnreadableRecordException unreadable() {
        return new UnreadableRecordException("A record in " + Operators.KEY + " cannot be read.");
    }
}
