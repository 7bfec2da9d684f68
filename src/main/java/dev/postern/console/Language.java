package dev.postern.console;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

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

    /** Remembers the language that the visitor chose; needs no session. */
    static Mono<ServerResponse> choose(Site site, ServerRequest request) {
        String chosen = request.queryParam("tag").flatMap(Language::named).map(Language::tag).orElse("en");
        URI back = URI.create(request.queryParam("back")
                .filter(path -> site.contains(path) && path.matches("[A-Za-z0-9/._~%:-]*") && !path.contains("//"))
                .orElse(site.home()));
        return ServerResponse.seeOther(back).cookie(ResponseCookie.from(COOKIE, chosen)
                .path(site == Site.CONSOLE ? "/" : site.root()).httpOnly(true).sameSite("Strict")
                .maxAge(Duration.ofDays(365)).build()).build();
    }
}
