package dev.postern.operator;

import java.util.List;

/**
 * An operator who signed in with the identity provider. Issuer and subject together name one person; the name may
 * change, and others may have it.
 *
 * @param name   for people
 * @param groups the groups that gave the operator a role
 */
public record Identity(String issuer, String subject, String name, List<String> groups) {
    public Identity {
        groups = List.copyOf(groups);
    }

    /** The name with the subject, which says who it is without doubt. */
    public String nameWithSubject() {
        return name.equals(subject) ? subject : name + " (" + subject + ")";
    }
}
