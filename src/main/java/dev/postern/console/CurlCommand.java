package dev.postern.console;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the words of a curl command. Ignores options that cannot change the decision, and refuses unknown options,
 * naming them.
 */
final class CurlCommand {
    private static final Map<String, String> LONG = Map.ofEntries(Map.entry("X", "request"), Map.entry("H", "header"),
            Map.entry("d", "data"), Map.entry("G", "get"), Map.entry("I", "head"), Map.entry("u", "user"),
            Map.entry("A", "user-agent"), Map.entry("e", "referer"), Map.entry("b", "cookie"),
            Map.entry("g", "globoff"),
            Map.entry("o", "output"), Map.entry("w", "write-out"), Map.entry("m", "max-time"), Map.entry("x", "proxy"),
            Map.entry("E", "cert"), Map.entry("c", "cookie-jar"), Map.entry("D", "dump-header"));
    private static final Set<String> WITH_VALUE = Set.of("request", "header", "data", "data-ascii", "data-binary",
            "data-raw", "data-urlencode", "json", "user", "user-agent", "referer", "cookie", "url", "oauth2-bearer");
    private static final Set<String> PASSED_OVER_WITH_VALUE = Set.of("output", "write-out", "max-time", "proxy", "cert",
            "cookie-jar", "dump-header", "connect-timeout", "retry", "retry-delay", "retry-max-time", "cacert",
            "capath",
            "key", "resolve", "connect-to", "limit-rate", "interface", "max-redirs", "noproxy", "ciphers", "tls-max",
            "stderr", "trace", "trace-ascii", "keepalive-time");
    private static final Set<String> PASSED_OVER = Set.of("silent", "show-error", "verbose", "include", "insecure",
            "location", "fail", "fail-with-body", "no-buffer", "compressed", "http1.0", "http1.1", "http2",
            "http2-prior-knowledge", "http3", "tlsv1.2", "tlsv1.3", "progress-bar", "no-progress-meter", "ipv4", "ipv6",
            "tcp-nodelay", "no-keepalive", "remote-name", "remote-header-name", "retry-all-errors", "ssl-no-revoke");
    private static final String PASSED_OVER_LETTERS = "sSvikLfN#46OJ0";
    private static final Pattern URL = Pattern
            .compile("(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?<user>[^/?#@]*)@)?[^/?#]*(?<target>[^#]*).*",
                    Pattern.DOTALL);
    private static final Pattern DOTS = Pattern.compile("(?:^|/)(?:\\.|%2[eE]){1,2}(?:/|$)");

    private final Deque<String> words;
    private final Map<String, List<String>> headers = new LinkedHashMap<>();
    /** Headers of options other than {@code -H}, which takes precedence. */
    private final Map<String, String> defaults = new LinkedHashMap<>();
    private final Set<String> removed = new HashSet<>();
    private final Set<String> flags = new HashSet<>();
    private final StringBuilder data = new StringBuilder();
    private String method = "";
    private String url = "";
    private boolean hasData;

    private CurlCommand(List<String> words) {
        this.words = new ArrayDeque<>(words);
    }

    /**
     * @param words those after {@code curl}
     * @throws UnreadableCallException naming the option that is not understood
     */
    static PastedCall read(List<String> words) {
        return new CurlCommand(words).read();
    }

    private PastedCall read() {
        boolean options = true;
        while (!words.isEmpty()) {
            String word = words.pop();
            if (options && word.equals("--")) {
                options = false;
            } else if (options && word.startsWith("--")) {
                option(word.substring(2), "--" + word.substring(2));
            } else if (options && word.length() > 1 && word.startsWith("-")) {
                letters(word.substring(1));
            } else {
                url(word);
            }
        }
        if (url.isEmpty()) {
            throw new UnreadableCallException("no-url", "");
        }
        return call();
    }

    /** Letters can be joined, and a value can follow the last letter directly: {@code -sXPOST}. */
    private void letters(String text) {
        for (int at = 0; at < text.length(); at++) {
            String letter = text.substring(at, at + 1);
            String name = LONG.getOrDefault(letter, "");
            String rest = text.substring(at + 1);
            if (WITH_VALUE.contains(name) || PASSED_OVER_WITH_VALUE.contains(name)) {
                if (!rest.isEmpty()) {
                    words.push(rest);
                }
                option(name, "-" + letter);
                return;
            }
            if (!name.isEmpty()) {
                flags.add(name);
            } else if (PASSED_OVER_LETTERS.indexOf(letter.charAt(0)) < 0) {
                throw new UnreadableCallException("option", "-" + letter);
            }
        }
    }

    private void option(String name, String shown) {
        if (WITH_VALUE.contains(name)) {
            apply(name, value(shown), shown);
        } else if (PASSED_OVER_WITH_VALUE.contains(name)) {
            value(shown);
        } else if (Set.of("get", "head", "globoff", "path-as-is").contains(name)) {
            flags.add(name);
        } else if (!PASSED_OVER.contains(name)) {
            // Text that does not look like an option name may be a secret, so do not show it.
            throw new UnreadableCallException("option", name.matches("[a-z][a-z0-9.-]{1,30}") ? shown : "--…");
        }
    }

    private String value(String option) {
        if (words.isEmpty()) {
            throw new UnreadableCallException("value", option);
        }
        return words.pop();
    }

    private void apply(String name, String value, String shown) {
        switch (name) {
            case "request" -> method = value;
            case "header" -> header(text(value, shown));
            case "url" -> url(value);
            case "user" -> defaults.put("Authorization", "Basic " + base64(value));
            case "oauth2-bearer" -> defaults.put("Authorization", "Bearer " + value);
            case "user-agent" -> defaults.put("User-Agent", value);
            case "referer" -> defaults.put("Referer", value);
            case "cookie" -> defaults.put("Cookie", value);
            case "json" -> {
                append("", text(value, shown));
                defaults.put("Content-Type", "application/json");
                defaults.put("Accept", "application/json");
            }
            case "data-raw" -> append("&", value);
            case "data-urlencode" -> append("&", encoded(value, shown));
            default -> append("&", text(value, shown));
        }
    }

    private static String base64(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    private void header(String text) {
        int colon = text.indexOf(':');
        boolean empty = colon < 0 && text.endsWith(";");
        if (colon <= 0 && !empty) {
            throw new UnreadableCallException("curl-header", "");
        }
        String name = (empty ? text.substring(0, text.length() - 1) : text.substring(0, colon)).strip();
        String value = empty ? "" : text.substring(colon + 1).strip();
        if (value.isEmpty() && !empty) {
            // "Name:" omits the header, even if another option sets it.
            removed.add(name);
        } else {
            headers.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
    }

    private static String text(String value, String option) {
        if (value.startsWith("@")) {
            throw new UnreadableCallException("file", option);
        }
        return value;
    }

    private static String encoded(String value, String option) {
        int equals = value.indexOf('=');
        if (equals < 0 && value.indexOf('@') >= 0) {
            throw new UnreadableCallException("file", option);
        }
        return equals < 0
                ? Api.segment(value)
                : value.substring(0, equals) + (equals > 0 ? "=" : "") + Api.segment(value.substring(equals + 1));
    }

    private void append(String separator, String more) {
        data.append(hasData ? separator : "").append(more);
        hasData = true;
    }

    private void url(String text) {
        if (!url.isEmpty()) {
            throw new UnreadableCallException("urls", "");
        }
        url = text;
    }

    private PastedCall call() {
        Matcher parts = URL.matcher(url);
        String scheme = parts.matches() && parts.group("scheme") != null ? parts.group("scheme") : "http";
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
            throw new UnreadableCallException("url", "");
        }
        if (!flags.contains("globoff") && url.matches("(?s).*[\\[\\]{}].*")) {
            throw new UnreadableCallException("glob", "");
        }
        String target = parts.group("target");
        String path = target.split("\\?", 2)[0];
        if (!flags.contains("path-as-is") && DOTS.matcher(path).find()) {
            throw new UnreadableCallException("dots", "");
        }
        if (parts.group("user") != null) {
            defaults.putIfAbsent("Authorization", "Basic " + base64(
                    URLDecoder.decode(parts.group("user").replace("+", "%2B"), StandardCharsets.UTF_8)));
        }
        boolean inQuery = hasData && flags.contains("get");
        String whole = (path.isEmpty() ? "/" : "") + target
                + (inQuery ? (target.contains("?") ? "&" : "?") + data : "");
        if (hasData && !inQuery) {
            defaults.putIfAbsent("Content-Type", "application/x-www-form-urlencoded");
        }
        defaults.forEach((name, value) -> {
            if (Stream.concat(headers.keySet().stream(), removed.stream()).noneMatch(name::equalsIgnoreCase)) {
                headers.put(name, List.of(value));
            }
        });
        return new PastedCall(method.isEmpty() ? usualMethod(inQuery) : method, whole, headers,
                inQuery ? "" : data.toString());
    }

    private String usualMethod(boolean inQuery) {
        return flags.contains("head") ? "HEAD" : hasData && !inQuery ? "POST" : "GET";
    }
}
