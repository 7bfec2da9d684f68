package dev.postern.operator;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an operator may do. Each role includes the ones before it. */
public enum Role {
    /** Reads everything except secrets, operators and the audit log. */
    VIEWER,
    /** Also changes credentials, devices, projects and users, and reads secrets that can be shown again. */
    EDITOR,
    /** Also changes accounts, licenses and operators, and reads the audit log. */
    ADMIN;

    /** The role in records and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role with this name; empty if there is none. */
    public static Optional<Role> named(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
