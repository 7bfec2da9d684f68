package dev.postern.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A kind of resource of an account, with what its pages show. */
@SuppressWarnings("ImmutableEnumChecker") // The lists are those of List.of, the sets those of Set.of.
enum Kind {
    RSA_TOKENS("rsa-tokens", "tokens", "name", List.of("name", "key_id", "created_at", "expires_at"),
            limited(Field.text("name", true), Field.many("apis", "/api/v1/apis", "apis"),
                    Field.many("projects", "projects", "projects")),
            "key_id", Trait.FILE, Trait.CREDENTIAL, Trait.UNIQUE_NAME),
    JWT_TOKENS("jwt-tokens", "tokens", "name", List.of("name", "secret_id", "created_at", "expires_at"),
            limited(Field.text("name", true), Field.many("apis", "/api/v1/apis", "apis"),
                    Field.many("users", "users", "users")),
            "secret", Trait.CREDENTIAL, Trait.ROTATABLE, Trait.UNIQUE_NAME, Trait.SHOWN_AGAIN),
    STATIC_TOKENS("static-tokens", "tokens", "name", List.of("name", "created_at", "expires_at", "last_used_at"),
            limited(Field.text("name", true), Field.fixedText("token", false), Field.rules(), Field.check("enabled")),
            "token", Trait.CREDENTIAL, Trait.ROTATABLE, Trait.UNIQUE_NAME),
    API_KEYS("api-keys", "api-keys", "name", List.of("name", "created_at", "expires_at", "last_used_at"),
            limited(Field.text("name", true), Field.permissions(), Field.check("enabled")),
            "key", Trait.CREDENTIAL, Trait.ROTATABLE, Trait.SHOWN_AGAIN),
    APPLICATIONS("applications", "applications", "name", List.of("name", "kind", "created_at", "expires_at"),
            limited(Field.text("name", true), Field.word("kind", "software", "hardware"), Field.rules(),
                    Field.check("enabled")),
            "app_secret", Trait.CREDENTIAL, Trait.ROTATABLE),
    PROJECTS("projects", "projects", "name", List.of("id", "name"),
            List.of(Field.fixedText("id", false), Field.text("name", true), Field.lines("devices")), ""),
    USERS("users", "users", "name", List.of("id", "name"),
            List.of(Field.fixedText("id", false), Field.text("name", true), Field.lines("devices")), ""),
    DEVICES("devices", "devices", "title", List.of("id", "title", "project", "user", "seat"),
            List.of(Field.fixedText("id", true), Field.text("title", true)), "");

    private final String plural;
    private final String section;
    private final String search;
    private final List<String> columns;
    private final List<Field> fields;
    private final String secret;
    private final Set<Trait> traits;

    /** What distinguishes kinds. */
    private enum Trait {
        /** There is a file to download. */
        FILE,
        /** It has limits, and its use is counted. */
        CREDENTIAL,
        /** Its secret can be replaced. */
        ROTATABLE,
        /** Its secret can be shown again. */
        SHOWN_AGAIN,
        /** No other token may have its name. */
        UNIQUE_NAME
    }

    Kind(String plural, String section, String search, List<String> columns, List<Field> fields, String secret,
            Trait... traits) {
        this.plural = plural;
        this.section = section;
        this.search = search;
        this.columns = columns;
        this.fields = fields;
        this.secret = secret;
        this.traits = Set.of(traits);
    }

    /** The fields of a credential: these, and its limits. */
    private static List<Field> limited(Field... fields) {
        List<Field> all = new ArrayList<>(List.of(fields));
        all.add(Field.time("expires_at"));
        all.add(Field.lines("allowed_networks"));
        return List.copyOf(all);
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

    /** Whether it has rules of its own. */
    public boolean rules() {
        return fields.stream().anyMatch(Field::hasRows);
    }

    /** Whether there is a file to download. */
    public boolean file() {
        return traits.contains(Trait.FILE);
    }

    /** Whether it has limits, and its use is counted. */
    public boolean credential() {
        return traits.contains(Trait.CREDENTIAL);
    }

    /** Whether its secret can be replaced. */
    public boolean rotatable() {
        return traits.contains(Trait.ROTATABLE);
    }

    /** Whether its secret can be shown again. */
    public boolean shownAgain() {
        return traits.contains(Trait.SHOWN_AGAIN);
    }

    /** Whether no other token may have its name. */
    public boolean uniqueName() {
        return traits.contains(Trait.UNIQUE_NAME);
    }
}
