package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.management.contract.Operation;
import dev.postern.management.contract.Parameter;
import dev.postern.management.contract.Shape;
import java.util.ArrayList;
import java.util.List;

/** The shapes of values that many calls share, and what all lists have. */
final class Shapes {
    /** An ID that callers choose. {@code .} and {@code ..} are not valid. */
    static final Shape ID = Shape.matching("(?!\\.{1,2}$)[A-Za-z0-9._:~-]{1,128}");
    /** A name or title for people. */
    static final Shape NAME = Shape.text(1, DisplayText.MAX_NAME);
    static final Shape TIME = Shape.formatted("date-time");
    static final Shape DAY = Shape.formatted("date");
    static final Shape TIME_OR_DAY = Shape.either(TIME, DAY);

    /** In replies to changes, if the caller asked for it. */
    static final Shape.Member RECEIPT = optional(ReceiptFilter.MEMBER, receipt(),
            "Which gates and replicas have the change; present if the query has `receipt=true`.");

    private static final int MAX_PAGE = 1_000_000;
    private static final int MAX_PER_PAGE = 100;

    private Shapes() {}

    private static Shape receipt() {
        List<Shape.Member> members = new ArrayList<>(List.of(required("complete", Shape.flag(),
                "Whether every live gate and every expected replica has the change.")));
        members.addAll(gatesOfChange());
        members.add(required("replicas", Shape.object(
                required("connected", Shape.count().orNull(), ""),
                required("confirmed", Shape.count().orNull(), ""),
                optional("expected", Shape.count(), "")), "The replicas of Redis."));
        return Shape.object(members).named("Receipt");
    }

    /** Which gates have applied a change, and which have not. */
    static List<Shape.Member> gatesOfChange() {
        Shape gate = Shape.object(required("id", Shape.text(), ""), required("name", Shape.text(), ""));
        return List.of(
                optional("change", Shape.text(), "Identifies the change, to look at its receipt again."),
                optional("confirmed", Shape.list(gate), "The gates that have applied the change."),
                optional("missing", Shape.list(gate.with(required("state", Shape.text(), ""),
                        required("decides_for_seconds", Shape.number(),
                                "How long it may decide without the change if it stays silent."))),
                        "The gates that may decide without the change."),
                optional("out_of_grace", Shape.list(gate),
                        "The gates that have not applied the change, but were silent for too long to decide."),
                optional("trouble", Shape.text(), "Why it is unknown which gates have applied the change."));
    }

    /** Makes this operation a list with pages. */
    static Operation list(Operation operation, String plural, Shape item) {
        return operation.accepts(new Parameter("page", Shape.whole(1, MAX_PAGE), "The page, counted from 1."),
                new Parameter("per_page", Shape.whole(1, MAX_PER_PAGE),
                        "The number of items on a page; 20 by default."))
                .returns(Shape.object(
                        required("total_count", Shape.count(), "The number of items on all pages."),
                        required("page", Shape.count(), ""), required("per_page", Shape.count(), ""),
                        required(plural, Shape.list(item, MAX_PER_PAGE), "")));
    }

    /** A parameter that searches for names or titles. */
    static Parameter search(String name) {
        return new Parameter(name, Shape.text(1, Lists.MAX_NAME),
                "Finds exact and similar texts, the best match first.");
    }
}
