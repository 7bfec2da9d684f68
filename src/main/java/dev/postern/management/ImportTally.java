package dev.postern.management;

import dev.postern.license.AddDeviceOutcome;
import dev.postern.license.NewDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts the results of an import. Not thread-safe. */
final class ImportTally {
    /** The maximum number of refused lines that are listed. */
    static final int MAX_ERRORS = 1000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final List<ObjectNode> errors = new ArrayList<>();
    private long lines;
    private long added;
    private long alreadyThere;
    private long refused;

    void lines(int more) {
        lines += more;
    }

    void count(Line line, NewDevice device, AddDeviceOutcome outcome) {
        switch (outcome) {
            case ADDED -> added++;
            case ALREADY_THERE -> alreadyThere++;
            case HELD_BY_ANOTHER, TOO_MANY, PROJECT_UNKNOWN, USER_UNKNOWN, PROJECT_FULL, USER_FULL, NO_SEAT,
                    ACCOUNT_GONE, BUSY ->
                refuse(JSON.createObjectNode().put("line", line.number()).put("id", device.id().value())
                        .put("reason", outcome.word()).put("detail", outcome.text(device)));
        }
    }

    void refuse(Line line, Problem problem, String detail) {
        refuse(JSON.createObjectNode().put("line", line.number())
                .put("reason", problem.word().toLowerCase(Locale.ROOT)).put("detail", detail));
    }

    private void refuse(ObjectNode error) {
        refused++;
        if (errors.size() < MAX_ERRORS) {
            errors.add(error);
        }
    }

    long lines() {
        return lines;
    }

    ObjectNode progress() {
        return JSON.createObjectNode().put("done", false).put("lines", lines).put("added", added)
                .put("already_there", alreadyThere).put("refused", refused);
    }

    ObjectNode result() {
        ObjectNode json = progress().put("done", true);
        ArrayNode list = json.putArray("errors");
        errors.stream().sorted(Comparator.comparingLong(error -> error.required("line").longValue()))
                .forEach(list::add);
        return json.put("errors_left_out", refused - errors.size());
    }

    /** A summary of the progress, for the caller who has to repeat the import. */
    String text() {
        return "The import stopped after " + lines + " lines and added " + added + " devices. It can be repeated.";
    }
}
