package dev.postern.protocol.onenet;

import dev.postern.access.DeviceId;
import dev.postern.access.RequestTarget;
import dev.postern.account.Page;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * The query of a call to {@code /keys}. The first value of a repeated parameter is used; unknown parameters are
 * ignored.
 */
final class KeyQuery {
    private static final int PER_PAGE = 10;

    private final RequestTarget target;

    KeyQuery(RequestTarget target) {
        this.target = target;
    }

    Page.Request page() {
        try {
            return Page.Request.parse(text("page"), text("per_page"), PER_PAGE);
        } catch (IllegalArgumentException invalid) {
            throw new KeysException(KeysError.PARAMETER_INVALID, String.valueOf(invalid.getMessage()));
        }
    }

    Optional<DeviceId> device(String... names) {
        for (String name : names) {
            Optional<String> text = text(name);
            if (text.isPresent()) {
                if (!DeviceId.isValid(text.get())) {
                    throw new KeysException(KeysError.PARAMETER_INVALID, name + " is not a valid device ID");
                }
                return text.map(DeviceId::new);
            }
        }
        return Optional.empty();
    }

    boolean flag(String name, boolean fallback) {
        return text(name).map(text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new KeysException(KeysError.PARAMETER_INVALID, name + " is neither true nor false");
        }).orElse(fallback);
    }

    /** The value of a parameter; empty if it is missing or empty. */
    Optional<String> text(String name) {
        return target.parameters().stream().filter(parameter -> parameter.name().equals(name))
                .map(parameter -> decode(name, parameter.rawValue())).findFirst().filter(value -> !value.isEmpty());
    }

    private static String decode(String name, String raw) {
        String value = URLDecoder.decode(raw, StandardCharsets.UTF_8);
        if (value.indexOf('\uFFFD') >= 0) {
            throw new KeysException(KeysError.PARAMETER_INVALID, name + " is not UTF-8");
        }
        return value;
    }

    /**
     * A key in a query may be raw or encoded. A raw key can contain {@code =}, which a form decoder does not change.
     */
    Optional<String> key() {
        return text("key");
    }
}
