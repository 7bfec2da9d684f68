package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceId;
import dev.postern.account.Revision;
import dev.postern.store.UnreadableRecordException;
import java.util.List;
import java.util.Optional;

/** Encodes and decodes the stored details of devices. The format is compact, because there are millions of devices. */
final class DeviceDetails {
    private DeviceDetails() {}

    static Device.Direct direct(AccountId account, DeviceId id, String record, boolean seated) {
        List<String> parts = List.of(record.split("\\|", 5));
        if (parts.size() != 5 || !parts.getFirst().equals("1")) {
            throw new UnreadableRecordException(
                    "The record of " + id + " in " + LicenseKeys.details(account)
                            + " cannot be read, or has an unknown version.");
        }
        return new Device.Direct(id, parts.get(4), optional(parts.get(2)), optional(parts.get(3)), seated);
    }

    /** The title in the record of a device that the account owns: all after the fourth bar. */
    static String title(String record) {
        int bar = -1;
        for (int i = 0; i < 4; i++) {
            bar = record.indexOf('|', bar + 1);
            if (bar < 0) {
                return "";
            }
        }
        return record.substring(bar + 1);
    }

    static Device.Shared shared(AccountId account, DeviceId id, String record) {
        int bar = record.indexOf('|');
        if (bar < 0 || !AccountId.isValid(record.substring(0, bar))) {
            throw new UnreadableRecordException(
                    "The record of " + id + " in " + LicenseKeys.received(account) + " cannot be read.");
        }
        return new Device.Shared(id, record.substring(bar + 1), new AccountId(record.substring(0, bar)));
    }

    static Revision revision(Device device) {
        return switch (device) {
            case Device.Direct(var id, var title, var project, var user, var seated) -> Revision.of("direct",
                    id.value(), title, project.orElse(""), user.orElse(""), seated ? "seated" : "waiting");
            case Device.Shared(var id, var title, var owner) -> Revision.of("shared", id.value(), title, owner.value());
        };
    }

    private static Optional<String> optional(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
