package dev.postern.oidc;

import dev.postern.operator.Role;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The groups of the identity provider whose members get a role. Members of several groups get the highest role, members
 * of none cannot sign in.
 *
 * @param admin The groups whose members are administrators.
 * @param editor The groups whose members are editors.
 * @param viewer The groups whose members are viewers.
 */
public record OidcRoles(@DefaultValue List<String> admin, @DefaultValue List<String> editor,
        @DefaultValue List<String> viewer) {
    public OidcRoles {
        admin = List.copyOf(admin);
        editor = List.copyOf(editor);
        viewer = List.copyOf(viewer);
    }

    boolean isEmpty() {
        return admin.isEmpty() && editor.isEmpty() && viewer.isEmpty();
    }

    /** The subset of these groups that give a role. */
    List<String> relevant(Collection<String> groups) {
        return Stream.of(admin, editor, viewer).flatMap(List::stream).filter(groups::contains).distinct().toList();
    }

    /** The highest role that these groups give; empty if they give none. */
    Optional<Role> highest(Collection<String> groups) {
        if (admin.stream().anyMatch(groups::contains)) {
            return Optional.of(Role.ADMIN);
        }
        if (editor.stream().anyMatch(groups::contains)) {
            return Optional.of(Role.EDITOR);
        }
        return viewer.stream().anyMatch(groups::contains) ? Optional.of(Role.VIEWER) : Optional.empty();
    }
}
