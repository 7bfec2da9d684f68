package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.access.Action;
import dev.postern.access.Limits;
import dev.postern.credential.Application;
import dev.postern.credential.PermissionJson;
import dev.postern.credential.RuleJson;
import dev.postern.issuance.StaticTokens;
import dev.postern.management.contract.Shape;
import dev.postern.management.contract.Shape.Member;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The members of credentials in requests and replies. A member that a {@link CredentialKind} names must be here. */
final class CredentialShapes {
    private static final Shape IDS = Shape.list(Shapes.ID, RuleJson.MAX_ENTRIES);
    static final Shape RULES = Shape.list(rule(), RuleJson.MAX_RULES);
    static final Shape PERMISSIONS = Shape.list(permission(), PermissionJson.MAX_RESOURCES);
    private static final Shape JWK = Shape.anyObject();

    /** The members of requests, by name. */
    private static final Map<String, Member> MEMBERS = Stream.of(
            required("name", Shapes.NAME, ""),
            optional("enabled", Shape.flag(), "Defaults to true."),
            optional("rules", RULES, "What the credential permits. If absent, a new credential permits everything."),
            required("apis", IDS, "The APIs of the catalogue that the token is limited to."),
            required("projects", Shape.list(Shapes.ID, RuleJson.MAX_GROUPS), ""),
            required("users", IDS, ""),
            required("kind", Shape.word(Arrays.stream(Application.Platform.values())
                    .map(Application.Platform::word).toList()), ""),
            required("permissions", PERMISSIONS, ""),
            optional("expires_at", Shapes.TIME_OR_DAY.orNull(),
                    "When the credential expires; null for never. If absent, it stays as it is."),
            optional("allowed_networks", Shape.list(Shape.text(), Limits.MAX_NETWORKS).orNull(),
                    "Networks in CIDR notation; empty or null for any address. If absent, they stay as"
                            + " they are."),
            optional("token", Shape.text(StaticTokens.MIN_LENGTH, StaticTokens.MAX_LENGTH),
                    "The token: visible ASCII without commas. Generated if absent."),
            optional("public_key", Shape.either(Shape.text(), JWK),
                    "A PEM, or a JWK as text or object. If absent, a secret is generated."))
            .collect(Collectors.toMap(Member::name, Function.identity()));
    private static final Set<String> REQUIRED_TO_REPLACE = Set.of("rules");

    private CredentialShapes() {}

    /** A credential of this kind, by {@link CredentialKind#plural}, as replies show it. */
    static Shape reply(String plural) {
        return switch (plural) {
            case "api-keys" -> managed("ApiKey", required("permissions", shape("permissions"), ""));
            case "static-tokens" -> managed("StaticToken", required("rules", RULES, ""));
            case "applications" -> managed("Application", required("kind", shape("kind"), ""),
                    required("app_key", Shape.text(), ""), required("rules", RULES, ""),
                    required("secrets", Shape.list(secretUse()), ""));
            case "rsa-tokens" -> managed("RsaToken", required("key_id", Shape.text(), "The `kid` of its tokens."),
                    required("apis", IDS, ""), required("projects", IDS, ""));
            case "jwt-tokens" -> managed("JwtToken", required("secret_id", Shape.text(), "The `kid` of its tokens."),
                    required("algorithm", Shape.text(), "The `alg` of its tokens."),
                    optional("public_key", JWK, "The key that the client registered."),
                    required("apis", IDS, ""), required("users", IDS, ""));
            default -> throw new IllegalArgumentException("no shape for " + plural);
        };
    }

    /** The members with the secret of a credential. The reply that creates it has them; lists never do. */
    static Member[] secrets(String plural) {
        return switch (plural) {
            case "api-keys" -> new Member[]{required("key", Shape.text(), "The key itself.")};
            case "static-tokens" ->
                new Member[]{required("token", Shape.text(), "The secret; it is shown only this once."),
                        optional("warning", Shape.text(), "A warning that the chosen token is weak.")};
            case "applications" ->
                new Member[]{required("app_secret", Shape.text(), "The secret; it is shown only this once.")};
            case "jwt-tokens" -> new Member[]{optional("secret", Shape.text(),
                    "The UTF-8 bytes of this text are the key; absent if the client registered a public key.")};
            default -> new Member[0];
        };
    }

    /** Whether a {@code GET} of the credential shows {@link #secrets} again. */
    static boolean isShownAgain(String plural) {
        return plural.equals("jwt-tokens");
    }

    static Shape create(String[] members) {
        return Shape.object(withLimits(members).map(CredentialShapes::member).toList());
    }

    static Shape replace(String[] members) {
        return Shape.object(withLimits(members).map(CredentialShapes::member).map(
                member -> REQUIRED_TO_REPLACE.contains(member.name())
                        ? required(member.name(), member.shape(), "")
                        : member)
                .toList());
    }

    /** The members of every kind's replacement, each of which may be left out. */
    static Shape change() {
        return Shape.object(withLimits("name", "enabled", "rules", "permissions", "apis", "projects", "users")
                .map(name -> optional(name, shape(name), member(name).description())).toList()).closed();
    }

    private static Stream<String> withLimits(String... members) {
        return Stream.concat(Arrays.stream(members), LimitsInput.MEMBERS.stream());
    }

    private static Member member(String name) {
        Member member = MEMBERS.get(name);
        if (member == null) {
            throw new IllegalStateException("CredentialShapes does not describe the member " + name);
        }
        return member;
    }

    private static Shape shape(String name) {
        return member(name).shape();
    }

    private static Shape managed(String name, Member... more) {
        return Shape.object(Stream.concat(Stream.of(required("id", Shape.text(), ""),
                required("name", Shapes.NAME, ""), required("enabled", Shape.flag(), ""),
                required("created_at", Shapes.TIME, ""), required("expires_at", Shapes.TIME.orNull(), ""),
                required("allowed_networks", Shape.list(Shape.text(), Limits.MAX_NETWORKS), ""),
                required("last_used_at", Shapes.TIME.orNull(), ""),
                required("rotation", rotation().orNull(), "Null unless an old secret is still valid.")),
                Arrays.stream(more)).toList()).named(name);
    }

    private static Shape secretUse() {
        return Shape.object(required("current", Shape.flag(), "False for the secret that was replaced."),
                required("created_at", Shapes.TIME, ""), optional("valid_until", Shapes.TIME, ""),
                required("last_used_at", Shapes.TIME.orNull(), ""));
    }

    private static Shape rotation() {
        return Shape.object(required("rotated_at", Shapes.TIME, ""),
                required("old_secret_valid_until", Shapes.TIME, ""),
                optional("device_count", Shape.count(), "Devices called with the old secret; not in lists."),
                optional("devices_on_old_secret", Shape.list(Shape.object(required("device", Shape.text(), ""),
                        required("last_call_at", Shapes.TIME, ""))), "The latest first; not in lists."))
                .named("Rotation");
    }

    /** The calls with a credential. */
    static Shape usage() {
        return Shape.object(required("from", Shapes.DAY, ""), required("to", Shapes.DAY, ""),
                required("calls", Shape.count(), "The total of all days."),
                required("days", Shape.list(Shape.object(required("day", Shapes.DAY, ""),
                        required("calls", Shape.count(), ""))), ""));
    }

    private static Shape permission() {
        List<String> actions = Arrays.stream(Action.values()).map(Action::word).toList();
        return Shape.object(required("actions", Shape.list(Shape.word(actions)), ""),
                required("resources", Shape.list(Shape.object(required("device", Shapes.ID, ""),
                        optional("stream", Shapes.ID, "If absent, the whole device.")).closed(),
                        PermissionJson.MAX_RESOURCES), ""))
                .closed().named("Permission");
    }

    private static Shape rule() {
        Shape allOrIds = Shape.either(Shape.word("all"), IDS);
        List<String> actions = Arrays.stream(Action.values()).map(Action::word).toList();
        return Shape.object(optional("apis", allOrIds, "Defaults to all APIs."),
                required("actions", Shape.list(Shape.word(actions)), ""),
                optional("devices", allOrIds, "Exactly one of `devices`, `projects` and `users` must be given."),
                optional("projects", IDS, ""), optional("users", IDS, ""),
                optional("streams", IDS, "The data streams; if absent, whole devices."))
                .closed().named("Rule");
    }
}
