package dev.postern.console;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.support.ResourceBundleMessageSource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Renders pages, off the event loops. */
final class Templates {
    private static final MediaType HTML = MediaType.parseMediaType("text/html;charset=UTF-8");

    private final SpringTemplateEngine engine = new SpringTemplateEngine();
    private final ResourceBundleMessageSource messages = new ResourceBundleMessageSource();
    private final Site site;
    private final Assets assets;
    private final Scheduler workers;

    Templates(Site site, Assets assets, Scheduler workers) {
        this.site = site;
        this.assets = assets;
        this.workers = workers;
        ClassLoaderTemplateResolver resolver = new ClassLoaderTemplateResolver(Templates.class.getClassLoader());
        resolver.setPrefix("dev/postern/console/");
        resolver.setSuffix(".html");
        resolver.setCharacterEncoding("UTF-8");
        messages.setBasename("dev/postern/console/messages");
        messages.setDefaultEncoding("UTF-8");
        messages.setFallbackToSystemLocale(false);
        engine.setTemplateResolver(resolver);
        engine.setTemplateEngineMessageSource(messages);
    }

    /** The site whose pages these are. */
    Site site() {
        return site;
    }

    /** A text in the language of the visitor. */
    String text(Language language, String key, Object... arguments) {
        return messages.getMessage(key, arguments, language.locale());
    }

    Mono<ServerResponse> page(HttpStatus status, Language language, String template, Map<String, ?> model,
            ResponseCookie... cookies) {
        return Mono.fromCallable(() -> {
            Map<String, Object> all = new LinkedHashMap<>(model);
            all.put("language", language.tag());
            all.put("languages", Language.values());
            all.put("assets", assets.paths());
            all.put("root", site.root());
            all.put("home", site.home());
            all.put("signIn", site.signIn());
            all.put("console", site == Site.CONSOLE);
            return engine.process(template, new Context(language.locale(), all));
        }).subscribeOn(workers).flatMap(html -> ServerResponse.status(status).contentType(HTML)
                .cacheControl(CacheControl.noStore())
                .cookies(all -> Arrays.stream(cookies).forEach(cookie -> all.add(cookie.getName(), cookie)))
                .bodyValue(html));
    }
}
