package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import dev.postern.transfer.ImportMode;
import dev.postern.transfer.ImportResult;
import dev.postern.transfer.LineFault;
import dev.postern.transfer.ResourceKind;
import java.util.Arrays;
import java.util.Locale;

/** The shapes of documents that are exported and imported, and of the replies to imports. */
final class TransferShapes {
    private static final Shape KIND = Shape
            .word(Arrays.stream(ResourceKind.values()).map(ResourceKind::word).toList());
    private static final Shape WHAT = Shape
            .word(Arrays.stream(ImportResult.What.values()).map(ImportResult.What::word).toList());
    private static final Shape REASON = Shape.word(Arrays.stream(LineFault.Reason.values())
            .map(reason -> reason.name().toLowerCase(Locale.ROOT)).toList());
    private static final Shape IDS = Shape.list(Shapes.ID);
    private static final Shape LINE = Shape.whole(1, Long.MAX_VALUE);

    /** A line of a document. */
    static final Shape DOCUMENT = Shape.object(
            required("kind", Shape.text(),
                    "`header` in the first line, `end` in the last, otherwise a kind of resources."),
            optional("account", Shapes.ID, "The account of the resource; in the header, the only account."),
            optional("format", Shape.word("postern"), "Only in the header line."),
            optional("version", Shape.whole(1, 1), "Only in the header line."),
            optional("exported_at", Shapes.TIME, "Only in the header line."),
            optional("secret_keys", Shape.text(), "Only in the header line: identifies the secret keys of the gates."),
            optional("id", Shapes.ID, ""), optional("name", Shape.text(), ""), optional("created_at", Shapes.TIME, ""),
            optional("devices", IDS, "For a project or user."),
            optional("plan", Shape.text(), "For a license."), optional("seats", Shape.count(), ""),
            optional("valid_from", Shapes.TIME, ""),
            optional("valid_until", Shapes.TIME, "For a license or an authcode."),
            optional("enabled", Shape.flag(), "For a license or credential."),
            optional("title", Shape.text(), "For a device."), optional("project", Shapes.ID, ""),
            optional("user", Shapes.ID, ""), optional("seated", Shape.flag(), "Whether the device has a seat."),
            optional("permissions", Shape.list(Shape.anyObject()), "For an API key."),
            optional("rules", Shape.list(Shape.anyObject()), "For a static token or application."),
            optional("platform", Shape.text(), "For an application."),
            optional("apis", IDS, "For an RSA or JWT token."),
            optional("projects", IDS, ""), optional("users", IDS, ""), optional("expires_at", Shapes.TIME, ""),
            optional("allowed_networks", Shape.list(Shape.text()), ""),
            optional("application", Shape.text(), "For an authcode."), optional("terminals", Shape.count(), ""),
            optional("issuer", Shape.text(), "For a blocked subject."), optional("subject", Shape.text(), ""),
            optional("device", Shapes.ID, "For a share."), optional("with", Shapes.ID, "The receiver of a share."),
            optional("secrets", Shape.anyObject(), "Keyed hashes and sealed texts, which cannot be edited."))
            .named("DocumentLine");
    static final Parameter MODE = new Parameter("mode",
            Shape.word(Arrays.stream(ImportMode.values()).map(ImportMode::word).toList()),
            "`diff` compares, `dry_run` says what `apply` would do, `apply` deletes nothing, `sync` also deletes what "
                    + "the document does not have. Required.");
    static final Shape TALLY = Shape.object(
            required("done", Shape.flag(), "Whether the document was read to its end."),
            required("mode", Shape.text(), ""),
            required("lines", Shape.count(), "Lines that were read."),
            required("created", Shape.count(), ""), required("changed", Shape.count(), ""),
            required("unchanged", Shape.count(), ""), required("deleted", Shape.count(), ""),
            required("refused", Shape.count(), ""),
            required("warnings", Shape.list(Shape.text()), ""),
            required("changes", Shape.list(Shape.object(required("what", WHAT, ""), optional("line", LINE, ""),
                    required("kind", KIND, ""), required("account", Shapes.ID, ""), optional("id", Shape.text(), ""),
                    optional("members", Shape.list(Shape.text()), "The members that differ.")),
                    TransferTally.MAX_LISTED), ""),
            required("changes_left_out", Shape.count(), ""),
            required("errors", Shape.list(Shape.object(required("what", WHAT, ""), optional("line", LINE, ""),
                    optional("kind", KIND, ""), optional("account", Shapes.ID, ""), optional("id", Shape.text(), ""),
                    required("reason", REASON, ""), optional("member", Shape.text(), "The member at fault."),
                    required("detail", Shape.text(), "")), TransferTally.MAX_LISTED), "Lines that were refused."),
            required("errors_left_out", Shape.count(), ""));

    private TransferShapes() {}
}
