package dev.postern.transfer;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The parts of all kinds, in the order in which their resources can be created. */
final class TransferParts {
    private final Map<ResourceKind, TransferPart<?>> parts = new EnumMap<>(ResourceKind.class);

    TransferParts(List<TransferPart<?>> all) {
        all.forEach(part -> parts.put(part.kind(), part));
        if (parts.size() != ResourceKind.values().length) {
            throw new IllegalArgumentException("a kind of resources has no part");
        }
    }

    List<TransferPart<?>> all() {
        return List.copyOf(parts.values());
    }

    TransferPart<?> of(ResourceKind kind) {
        return Objects.requireNonNull(parts.get(kind));
    }
}
