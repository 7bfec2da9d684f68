package dev.postern.console;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.springframework.http.HttpCookie;
import org.springframework.web.reactive.function.server.ServerRequest;

/** The languages of the console. A cookie has the visitor's choice; without it, the browser's languages decide. */
enum Language {
    ENGLISH(Locale.ENGLISH, "en", "English"), CHINESE(Locale.SIMPLIFIED_CHINESE, "zh-CN", "中文");

    static final String COOKIE = "postern-language";

    private final Locale locale;
    private final String tag;
    private final String label;

    Language(Locale locale, String tag, String label) {
        this.locale = locale;
        this.tag = tag;
        this.label = label;
    }

    Locale locale() {
        return locale;
    }

    /** For the {@code lang} attribute. */
    public String tag() {
        return tag;
    }

    /** Its name in the language itself. */
    public String label() {
        return label;
    }

    static Optional<Language> named(String tag) {
        return List.of(values()).stream().filter(language -> language.tag.equals(tag)).findFirst();
    }

    static Language of(ServerRequest request) {
        HttpCookie chosen = request.cookies().getFirst(COOKIE);
        return Optional.ofNullable(chosen).flatMap(cookie -> named(cookie.getValue())).orElseGet(() -> {
            try {
                return request.headers().acceptLanguage().stream()
                        .map(range -> range.getRange().startsWith("zh")
                                ? CHINESE
                                : range.getRange().startsWith("en") ? ENGLISH : null)
                        .filter(Objects::nonNull).findFirst().orElse(ENGLISH);
            } catch (IllegalArgumentException malformed) {
                return ENGLISH;
            }
        });
    }
}
