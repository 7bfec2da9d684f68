package dev.postern.transfer;

import dev.postern.access.AccountId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A document while it is imported: what its lines have named so far. Not thread-safe. */
final class Document {
    private final Optional<AccountId> expected;
    private final int maxLines;
    private final Map<AccountId, Set<String>> named = new HashMap<>();
    private Optional<AccountId> only = Optional.empty();
    private boolean begun;
    private boolean ended;
    private int lines;
    private boolean refused;

    /** @param expected the account that the document must be about; empty for any */
    Document(Optional<AccountId> expected, int maxLines) {
        this.expected = expected;
        this.maxLines = maxLines;
    }

    /**
     * Takes note of a line. Returns false if the line is about no resource.
     *
     * @throws DocumentFault if the line cannot come at this point of the document
     */
    boolean accept(DocumentLine line) {
        ObjectNode json = line.json();
        if (ended) {
            throw new DocumentFault("Line " + line.number() + " comes after the end of the document.");
        }
        if (++lines > maxLines) {
            throw new DocumentFault("The document has more than " + maxLines + " lines.");
        }
        if (!begun) {
            only = DocumentFrame.readHeader(json);
            if (expected.isPresent() && !only.equals(expected)) {
                throw new DocumentFault("The document is about "
                        + only.map(account -> "account " + account).orElse("all accounts") + ", not about account "
                        + expected.get() + " alone.");
            }
            begun = true;
            return false;
        }
        if (json != null && DocumentFrame.isHeader(json)) {
            throw new DocumentFault("Line " + line.number() + " is another header.");
        }
        ended = json != null && DocumentFrame.isEnd(json);
        return !ended;
    }

    /** @throws DocumentFault if the document is empty */
    void requireBegun() {
        if (!begun) {
            var _ = DocumentFrame.readHeader(null);
        }
    }

    /**
     * Checks that a document of all accounts names at least one account.
     *
     * @throws DocumentFault if it names none: a sync would delete every account, which its author hardly meant
     */
    void requireAccounts() {
        if (only.isEmpty() && named.isEmpty()) {
            throw new DocumentFault("The document names no account, and a sync with it would delete all of them. Delete"
                    + " accounts one by one if that is meant.");
        }
    }

    /** The only account of the document; empty for all accounts. */
    Optional<AccountId> only() {
        return only;
    }

    /** Whether its last line was read. */
    boolean isEnded() {
        return ended;
    }

    /** Notes that a line was refused. */
    void refuse() {
        refused = true;
    }

    /** Whether the end was read and no line was refused. */
    boolean isWhole() {
        return ended && !refused;
    }

    /** Notes a resource. Returns false if an earlier line named it. */
    boolean name(Resource resource) {
        return named.computeIfAbsent(resource.account(), _ -> new HashSet<>()).add(key(resource));
    }

    boolean names(Resource resource) {
        Set<String> keys = named.get(resource.account());
        return keys != null && keys.contains(key(resource));
    }

    /** Whether a line is about the account. */
    boolean names(AccountId account) {
        return named.containsKey(account);
    }

    private static String key(Resource resource) {
        return resource.kind().word() + " " + resource.id();
    }
}
