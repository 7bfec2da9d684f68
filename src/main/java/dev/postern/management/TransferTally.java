package dev.postern.management;

import dev.postern.transfer.ImportMode;
import dev.postern.transfer.ImportResult;
import dev.postern.transfer.ImportResult.What;
import dev.postern.transfer.Importer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts and lists the results of an import. Not thread-safe. */
final class TransferTally {
    /** The maximum number of changes, and of refused lines, that are listed. */
    static final int MAX_LISTED = 1000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ImportMode mode;
    private final Map<What, Long> counts = new EnumMap<>(What.class);
    private final List<ObjectNode> changes = new ArrayList<>();
    private final List<ObjectNode> errors = new ArrayList<>();
    private long lines;

    TransferTally(ImportMode mode) {
        this.mode = mode;
    }

    /** Notes that the line with this number was read. */
    void line(long number) {
        lines = number;
    }

    void count(ImportResult result) {
        counts.merge(result.what(), 1L, Long::sum);
        List<ObjectNode> list = result.what() == What.REFUSED ? errors : changes;
        if (result.what() != What.UNCHANGED && list.size() < MAX_LISTED) {
            list.add(json(result));
        }
    }

    private long count(What what) {
        return counts.getOrDefault(what, 0L);
    }

    static ObjectNode json(ImportResult result) {
        ObjectNode json = JSON.createObjectNode().put("what", result.what().word());
        result.line().ifPresent(line -> json.put("line", line));
        result.subject().ifPresent(subject -> {
            json.put("kind", subject.kind().word()).put("account", subject.account().value());
            if (!subject.id().isEmpty()) {
                json.put("id", subject.id());
            }
        });
        if (!result.members().isEmpty()) {
            ArrayNode members = json.putArray("members");
            result.members().forEach(members::add);
        }
        result.fault().ifPresent(fault -> {
            json.put("reason", fault.reason().name().toLowerCase(Locale.ROOT));
            fault.member().ifPresent(member -> json.put("member", member));
            json.put("detail", fault.detail());
        });
        return json;
    }

    ObjectNode progress() {
        ObjectNode json = JSON.createObjectNode().put("done", false).put("mode", mode.word()).put("lines", lines);
        for (What what : What.values()) {
            json.put(what.word(), count(what));
        }
        return json;
    }

    /** The counts at the end. */
    ObjectNode end(Importer.Run run) {
        ObjectNode json = progress().put("done", true);
        ArrayNode warnings = json.putArray("warnings");
        if (!run.isEnded()) {
            warnings.add("The document does not end with {\"kind\":\"end\"}. It may be cut off.");
        }
        if (mode.isBothWays() && !run.isWhole()) {
            warnings.add(
                    "Nothing was deleted or listed as deleted, because a line was refused or the end of the document is missing.");
        }
        return json;
    }

    /** The counts at the end, and the lists. */
    ObjectNode result(Importer.Run run) {
        ObjectNode json = end(run);
        list(json, "changes", changes, count(What.CREATED) + count(What.CHANGED) + count(What.DELETED));
        list(json, "errors", errors, count(What.REFUSED));
        return json;
    }

    private static void list(ObjectNode json, String name, Collection<ObjectNode> items, long all) {
        ArrayNode list = json.putArray(name);
        items.stream().sorted(Comparator.comparingLong(item -> item.path("line").asLong(Long.MAX_VALUE)))
                .forEach(list::add);
        json.put(name + "_left_out", all - items.size());
    }

    /** A summary of the progress, for somebody who has to repeat the import. */
    String text() {
        return "The import stopped near line " + lines + ": " + count(What.CREATED) + " created, "
                + count(What.CHANGED) + " changed, " + count(What.UNCHANGED) + " unchanged, " + count(What.DELETED)
                + " deleted, " + count(What.REFUSED) + " refused. It can be repeated.";
    }
}
