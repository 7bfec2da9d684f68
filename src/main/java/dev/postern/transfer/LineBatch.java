package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import java.util.ArrayList;
import java.util.List;

/** Lines about resources of one kind in one account. */
final class LineBatch<T> {
    private final TransferPart<T> part;
    private final AccountId account;
    private final List<Wanted<T>> wanted = new ArrayList<>();

    LineBatch(TransferPart<T> part, AccountId account) {
        this.part = part;
        this.account = account;
    }

    /**
     * A resource that a line wants.
     *
     * @param value    as the part needs it
     * @param resource the same, to compare
     */
    record Wanted<T>(long line, T value, Resource resource) {}

    boolean isOf(LineBatch<?> other) {
        return part.kind() == other.part.kind() && account.equals(other.account);
    }

    /** The resource of a line that may be wrong. An ID that is not valid is left out. */
    ImportResult.Subject subject(String id) {
        return new ImportResult.Subject(part.kind(), account, DeviceId.isValid(id) ? id : "");
    }

    /**
     * Reads a line.
     *
     * @throws LineFault if it is wrong, or an earlier line is about the same resource
     */
    void add(long line, Members members, Document document) {
        T value = part.read(account, members);
        Resource resource = part.write(account, value);
        String given = members.json().path("id").asString("");
        if (!given.isEmpty() && !given.equals(resource.id())) {
            throw LineFault.invalid("id", "is not the one of the resource");
        }
        if (!document.name(resource)) {
            throw LineFault.of(LineFault.Reason.DUPLICATE, "An earlier line is about the same resource.");
        }
        wanted.add(new Wanted<>(line, value, resource));
    }

    TransferPart<T> part() {
        return part;
    }

    AccountId account() {
        return account;
    }

    List<Wanted<T>> wanted() {
        return wanted;
    }
}
