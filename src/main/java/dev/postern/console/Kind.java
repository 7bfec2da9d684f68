package dev.postern.console;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A kind of resource of an account, with what its pages show. */
@SuppressWarnings("ImmutableEnumChecker") // The lists are those of List.of.
enum Kind {
    RSA_TOKENS("rsa-tokens", "tokens", "name", List.of("name", "key_id", "created_at"),
            List.of(Field.text("name", true), Field.many("apis", "/api/v1/apis", "apis"),
                    Field.many("projects", "projects", "projects")),
            "key_id", true),
    JWT_TOKENS("jwt-tokens", "tokens", "name", List.of("name", "secret_id", "created_at"),
            List.of(Field.text("name", true), Field.many("apis", "/api/v1/apis", "apis"),
                    Field.many("users", "users", "users")),
            "secret", false),
    STATIC_TOKENS("static-tokens", "tokens", "name", List.of("name", "created_at"),
            List.of(Field.text("name", true), Field.fixedText("token", false), Field.rules(), Field.check("enabled")),
            "token", false),
    APPLICATIONS("applications", "applications", "name", List.of("name", "kind", "created_at"),
            List.of(Field.text("name", true), Field.word("kind", "software", "hardware"), Field.rules(),
                    Field.check("enabled")),
            "app_secret", false),
    PROJECTS("projects", "projects", "name", List.of("id", "name"),
            List.of(Field.fixedText("id", false), Field.text("name", true), Field.lines("devices")), "", false),
    USERS("users", "users", "name", List.of("id", "name"),
            List.of(Field.fixedText("id", false), Field.text("name", true), Field.lines("devices")), "", false),
    DEVICES("devices", "devices", "title", List.of("id", "title", "project", "user", "seat"),
            List.of(Field.fixedText("id", true), Field.text("title", true)), "", false);

    private final String plural;
    private final String section;
    private final String search;
    private final List<String> columns;
    private final List<Field> fields;
    private final String secret;
    private final boolean file;

    Kind(String plural, String section, String search, List<String> columns, List<Field> fields, String secret,
            boolean file) {
        this.plural = plural;
        this.section = section;
        this.search = search;
        this.columns = columns;
        this.fields = fields;
        this.secret = secret;
        this.file = file;
    }

    static Optional<Kind> of(String plural) {
        return Arrays.stream(values()).filter(kind -> kind.plural.equals(plural)).findFirst();
    }

    /** The segment of the path, here and in the API. */
    public String plural() {
        return plural;
    }

    /** The name of the list in the replies of the API. */
    String list() {
        return plural.replace('-', '_');
    }

    /** The section of the menu. */
    public String section() {
        return section;
    }

    /** The query parameter of the API that finds similar names. */
    String search() {
        return search;
    }

    public List<String> columns() {
        return columns;
    }

    List<Field> fields() {
        return fields;
    }

    /** The member that the page after creation offers to copy; empty if there is none. */
    public String secret() {
        return secret;
    }

    /** Whether there is a file to download. */
    public boolean file() {
        return file;
    }
}
