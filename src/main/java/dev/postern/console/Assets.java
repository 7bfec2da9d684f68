package dev.postern.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The style sheets and scripts of a site. All are read at the start, and named after their content. */
final class Assets {
    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final MediaType CSS = MediaType.parseMediaType("text/css;charset=UTF-8");
    private static final MediaType JS = MediaType.parseMediaType("text/javascript;charset=UTF-8");
    private static final MediaType SVG = MediaType.parseMediaType("image/svg+xml");

    private final Site site;
    private final Map<String, Asset> assets = new LinkedHashMap<>();
    private final Map<String, String> paths = new LinkedHashMap<>();

    private record Asset(MediaType type, byte[] content) {}

    private Assets(Site site) {
        this.site = site;
        add("pico.css", CSS, WEBJARS + "picocss__pico/2.1.1/css/pico.min.css");
        add("uplot.css", CSS, WEBJARS + "uplot/1.6.30/dist/uPlot.min.css");
        add("console.css", CSS, "/dev/postern/console/console.css");
        add("htmx.js", JS, WEBJARS + "htmx.org/2.0.8/dist/htmx.min.js");
        add("uplot.js", JS, WEBJARS + "uplot/1.6.30/dist/uPlot.iife.min.js");
        add("console.js", JS, "/dev/postern/console/console.js");
        add("charts.js", JS, "/dev/postern/console/charts.js");
        add("icon.svg", SVG, "/dev/postern/console/icon.svg");
    }

    static Assets of(Site site) {
        Assets assets = new Assets(site);
        if (site == Site.CONSOLE) {
            assets.add("import.js", JS, "/dev/postern/console/import.js");
            assets.add("transfer.js", JS, "/dev/postern/console/transfer.js");
        }
        return assets;
    }

    private void add(String name, MediaType type, String resource) {
        try (InputStream stream = Assets.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException("the asset " + resource + " is missing");
            }
            byte[] content = stream.readAllBytes();
            CRC32C sum = new CRC32C();
            sum.update(content);
            String versioned = HexFormat.of().toHexDigits((int) sum.getValue()) + "-" + name;
            assets.put(versioned, new Asset(type, content));
            paths.put(name, site.root() + "/assets/" + versioned);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The path of each asset by its plain name. */
    Map<String, String> paths() {
        return paths;
    }

    Mono<ServerResponse> serve(ServerRequest request) {
        Asset asset = assets.get(request.pathVariable("name"));
        return asset == null
                ? ServerResponse.notFound().build()
                : ServerResponse.ok().contentType(asset.type())
                        .cacheControl(CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable())
                        .bodyValue(asset.content());
    }
}
