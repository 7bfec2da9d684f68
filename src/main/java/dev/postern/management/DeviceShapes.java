package dev.postern.management;

import static dev.postern.management.contract.Shape.Member.optional;
import static dev.postern.management.contract.Shape.Member.required;

import dev.postern.license.License;
import dev.postern.license.LicenseExtensions;
import dev.postern.license.LicenseSettings;
import dev.postern.management.contract.Shape;
import java.util.Arrays;

/** The shapes of devices and licenses. */
final class DeviceShapes {
    static final Shape NEW_DEVICE = Shape.object(required("id", Shapes.ID, ""), required("title", Shapes.NAME, ""),
            optional("project", Shapes.ID, ""), optional("user", Shapes.ID, ""));
    static final Shape DEVICE = Shape.object(required("id", Shapes.ID, ""), required("title", Shape.text(), ""),
            required("project", Shapes.ID.orNull(), ""), required("user", Shapes.ID.orNull(), ""),
            required("origin", Shape.word("direct", "shared"), "Shared devices belong to another account."),
            required("seat", Shape.flag(), "Whether the device has a seat of the license."),
            optional("owner", Shapes.ID, "The account that a shared device belongs to.")).named("Device");
    static final Shape RECEIVER = Shape.object(
            required("account", Shapes.ID, "The account that the device is shared with."));
    static final Shape SHARE = Shape.object(required("device", Shapes.ID, ""), required("account", Shapes.ID, ""));
    static final Shape IMPORTED = Shape.object(required("done", Shape.flag(), ""), required("lines", Shape.count(), ""),
            required("added", Shape.count(), ""), required("already_there", Shape.count(), ""),
            required("refused", Shape.count(), ""),
            required("errors", Shape.list(Shape.object(required("line", Shape.whole(1, Long.MAX_VALUE), ""),
                    optional("id", Shapes.ID, ""), required("reason", Shape.text(), ""),
                    required("detail", Shape.text(), "")), ImportTally.MAX_ERRORS), "Refused lines."),
            required("errors_left_out", Shape.count(), ""));

    static final Shape LICENSE = Shape.object(plan(true), required("seats", Shape.count(), ""),
            required("used", Shape.count(), "Seats that devices have."),
            required("waiting", Shape.count(), "Devices without a seat."),
            required("valid_from", Shapes.TIME, ""), required("valid_until", Shapes.TIME, ""),
            required("state", Shape.word(Arrays.stream(License.State.values()).map(License.State::word).toList()), ""),
            required("full_on", Shapes.DAY.orNull(),
                    "When the last seat will be taken, if the last 30 days are typical."),
            required("enabled", Shape.flag(), "")).named("License");
    static final Shape FORECAST = Shape.object(required("seats", Shape.count(), ""),
            required("used", Shape.count(), ""),
            required("full_on", Shapes.DAY.orNull(),
                    "When the last seat will be taken, if the last 30 days are typical."),
            required("days", Shape.list(Shape.object(required("day", Shapes.DAY, ""),
                    required("used", Shape.count(), ""))), "Seats taken at the end of each day, oldest first."));
    static final Shape CHANGED_LICENSE = LICENSE.with(
            required("unseated_count", Shape.count(), "How many devices lost their seats."),
            required("unseated", Shape.list(Shapes.ID), "The IDs of the first of these devices."));
    static final Shape LICENSE_CHANGE = Shape.object(plan(false),
            optional("seats", Shape.whole(0, LicenseSettings.MAX_SEATS), ""),
            optional("years", Shape.whole(1, LicenseSettings.MAX_YEARS),
                    "How long the license is valid from now on; not together with `valid_until`."),
            optional("valid_until", Shape.either(Shapes.TIME, Shapes.DAY), ""), optional("enabled", Shape.flag(), ""));
    static final Shape SEAT_MOVE = Shape.object(required("from", Shapes.ID, ""), required("to", Shapes.ID, ""));
    static final Shape EXTENSION_REQUEST = Shape.object(
            optional("note", Shape.text(0, LicenseExtensions.MAX_NOTE), ""));
    static final Shape EXTENSION = Shape.object(required("id", Shape.text(), ""),
            required("state", Shape.word(Arrays.stream(LicenseExtensions.State.values())
                    .map(LicenseExtensions.State::word).toList()), ""),
            required("note", Shape.text(), ""), required("requested_at", Shapes.TIME, ""),
            required("decided_at", Shapes.TIME.orNull(), ""), required("valid_until", Shapes.TIME.orNull(), ""))
            .named("LicenseExtension");
    static final Shape DECISION = Shape.object(required("state", Shape.word(LicenseExtensions.State.APPROVED.word(),
            LicenseExtensions.State.REFUSED.word()), ""));
    static final Shape LEDGER = Shape.object(required("total_count", Shape.count(), ""),
            required("per_page", Shape.count(), ""),
            required("entries", Shape.list(Shape.object(required("id", Shape.text(), ""),
                    required("at", Shapes.TIME, ""), required("event", Shape.word("taken", "lost", "moved"), ""),
                    required("device", Shapes.ID, ""), optional("from", Shapes.ID, ""),
                    required("why", Shape.word("added", "called", "deleted", "shrunk", "moved", "imported"), ""),
                    required("used", Shape.count(), "The number of seats taken afterwards."))), ""));

    private DeviceShapes() {}

    private static Shape.Member plan(boolean required) {
        return new Shape.Member("plan",
                Shape.word(Arrays.stream(License.Plan.values()).map(License.Plan::word).toList()), required, "");
    }
}
