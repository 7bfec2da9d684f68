package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Operation.Trait;
import dev.postern.management.contract.Shape;

/**
 * Declares the operations that every {@link CredentialKind} has.
 *
 * @param <L> a credential in a list
 */
final class CredentialOperations<L> {
    static final String TAG = "Credentials";

    private final CredentialKind<L> kind;
    /** Such as {@code StaticToken}. */
    private final String noun;
    /** Such as {@code a static token}. */
    private final String one;
    /** Such as {@code static tokens}. */
    private final String many;
    private final Shape reply;
    private final Shape withSecrets;

    CredentialOperations(CredentialKind<L> kind) {
        this.kind = kind;
        String singular = kind.plural().substring(0, kind.plural().length() - 1);
        this.noun = noun(singular);
        this.many = kind.plural().replace("api-", "API-").replace("rsa-", "RSA-").replace("jwt-", "JWT-").replace('-',
                ' ');
        this.one = ("aAR".indexOf(many.charAt(0)) >= 0 ? "an " : "a ") + many.substring(0, many.length() - 1);
        this.reply = CredentialShapes.reply(kind.plural());
        Shape.Member[] secrets = CredentialShapes.secrets(kind.plural());
        this.withSecrets = secrets.length == 0 ? reply : reply.with(secrets);
    }

    private static String noun(String singular) {
        StringBuilder noun = new StringBuilder();
        for (String part : singular.split("-", -1)) {
            noun.append(Character.toUpperCase(part.charAt(0))).append(part, 1, part.length());
        }
        return noun.toString();
    }

    AccountRoutes addTo(AccountRoutes routes, CredentialEndpoint<L> endpoint) {
        String member = kind.plural().replace('-', '_');
        return routes
                .on(Operation.post("", "create" + noun, "Creates " + one + ".").in(TAG)
                        .takes(CredentialShapes.create(kind.membersOfCreate())).creates(withSecrets).with(Trait.ETAG)
                        .refuses(Problem.ALREADY_EXISTS, Problem.LIMIT_REACHED, Problem.ACCOUNT_FULL), endpoint::create)
                .on(Shapes.list(Operation.get("", "list" + noun + "s", "Lists " + many + "."),
                        member, reply).in(TAG).accepts(Shapes.search("name")).accepts(CredentialUseInput.PARAMETERS),
                        endpoint::list)
                .on(Operation.get("/{id}", "get" + noun, "Shows " + one + ".").in(TAG)
                        .returns(CredentialShapes.isShownAgain(kind.plural()) ? withSecrets : reply).with(Trait.ETAG),
                        endpoint::find)
                .on(Operation
                        .put("/{id}", "replace" + noun,
                                "Replaces the name, permissions and state of " + one + ".")
                        .in(TAG)
                        .takes(CredentialShapes.replace(kind.membersOfReplace())).returns(reply)
                        .with(Trait.ETAG, Trait.IF_MATCH)
                        .refuses(Problem.ALREADY_EXISTS, Problem.CONCURRENT_CHANGE, Problem.ACCOUNT_FULL),
                        endpoint::replace)
                .on(Operation.delete("/{id}", "delete" + noun, "Revokes " + one + ".")
                        .in(TAG).with(Trait.IF_MATCH).refuses(Problem.CONCURRENT_CHANGE), endpoint::delete)
                .on(Operation.get("/{id}/usage", "get" + noun + "Usage", "Counts the calls with " + one + " by day.")
                        .in(TAG).accepts(DayRange.PARAMETERS).returns(CredentialShapes.usage()), endpoint::usage);
    }

    /** For kinds whose secrets can be replaced. */
    AccountRoutes addRotation(AccountRoutes routes, AccountRoutes.Call rotate, AccountRoutes.Call end) {
        return routes
                .on(Operation.post("/{id}:rotate", "rotate" + noun,
                        "Makes a new secret for " + one + ". The old one stays valid for a while.").in(TAG)
                        .takes(Shape.object(optional("overlap", Shape.text(),
                                "An ISO 8601 duration; by default `postern.tokens.secret-overlap`.")))
                        .returns(withSecrets).with(Trait.BODY_OPTIONAL, Trait.ETAG)
                        .refuses(Problem.NOT_POSSIBLE, Problem.CONCURRENT_CHANGE, Problem.ACCOUNT_FULL), rotate)
                .on(Operation.post("/{id}:end-rotation", "endRotationOf" + noun,
                        "Revokes the old secret of " + one + ", or the new one.").in(TAG)
                        .takes(Shape.object(optional("revoke", Shape.word("old", "new"), "`old` by default.")))
                        .returns(CredentialShapes.isShownAgain(kind.plural()) ? withSecrets : reply)
                        .with(Trait.BODY_OPTIONAL, Trait.ETAG)
                        .refuses(Problem.NOT_POSSIBLE, Problem.CONCURRENT_CHANGE), end);
    }
}
