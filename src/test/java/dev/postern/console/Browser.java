package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.ScreenshotAnimations;
import dev.postern.support.Thoroughness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A real browser: Debian's Chromium, or its headless shell if that is installed. Each one has cookies of its own, but a
 * process that earlier ones may have used. Each fault that the browser reports fails the test at
 * {@link #assertNoFaults}. {@code -Dscreenshots} takes pictures of the pages.
 */
final class Browser implements AutoCloseable {
    /** The headless shell starts faster than the whole browser. */
    private static final List<Path> CHROMIUM = List.of(Path.of("/usr/bin/chromium-headless-shell"),
            Path.of("/usr/bin/chromium"));
    private static final Path PICTURES = Path.of("target/screenshots");
    /** The serious violations that axe finds, by these rules or by all. */
    private static final String VIOLATIONS = """
            async rules => {
              const options = { resultTypes: ['violations'] };
              if (rules.length > 0) {
                options.runOnly = { type: 'rule', values: rules };
              }
              return (await axe.run(document, options)).violations
                .filter(rule => ['serious', 'critical'].includes(rule.impact))
                .map(rule => `${rule.id}: ${rule.help} ${rule.nodes.slice(0, 3).map(node => node.html).join(' ')}`);
            }""";
    private static final List<String> RULES_OF_COLORS = List.of("color-contrast", "link-in-text-block");
    /** What sticks out of the page, if it has to be scrolled sideways. */
    private static final String TOO_WIDE = """
            (() => {
              const width = document.documentElement.clientWidth;
              return document.documentElement.scrollWidth <= width ? []
                : [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width)
                    .map(e => e.outerHTML.slice(0, 120)).slice(0, 8);
            })()""";
    /** Generous: a busy machine can take seconds for what is usually done at once. */
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int NARROW = 360;
    private static final int WIDE = 1440;
    private static final boolean WHOLE = Thoroughness.pick(0, 1) == 1;
    private static final boolean TAKES_PICTURES = System.getProperty("screenshots") != null;
    /** Browsers that nobody uses now. They start slowly. */
    private static final ConcurrentLinkedDeque<Started> IDLE = new ConcurrentLinkedDeque<>();

    /**
     * What htmx logs if the page is left while it asks the server. A request that fails is logged under other names.
     */
    private static final Set<String> ABORTED = Set.of("htmx:sendAbort", "htmx:afterRequest");

    private final Started started;
    private final BrowserContext context;
    private final Page page;
    private final List<String> faults = new ArrayList<>();

    /** A browser, for one thread at a time. */
    private record Started(Playwright playwright, com.microsoft.playwright.Browser browser) {
        static Started take() {
            Started idle = IDLE.poll();
            return idle != null && idle.browser.isConnected() ? idle : start();
        }

        private static Started start() {
            Path chromium = chromium();
            Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                    .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            return new Started(playwright, playwright.chromium().launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium)
                    .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"))));
        }

        void giveBack() {
            IDLE.push(this);
        }
    }

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> IDLE.forEach(idle -> idle.playwright.close())));
    }

    Browser(String address, String language) {
        started = Started.take();
        // Without transitions, so that axe sees no color on its way from one theme to the other.
        context = started.browser.newContext(new NewContextOptions().setBaseURL(address).setLocale(language)
                .setReducedMotion(ReducedMotion.REDUCE).setViewportSize(WIDE, 900).setAcceptDownloads(true));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        page = context.newPage();
        page.onConsoleMessage(message -> {
            // A refused form is answered with its status, which Chromium logs as an error.
            if (message.type().equals("error") && !message.text().contains("the server responded with a status of 4")
                    && !ABORTED.contains(message.text())) {
                faults.add(page.url() + ": " + message.text());
            }
        });
        page.onPageError(error -> faults.add(page.url() + ": " + error));
    }

    private static Path chromium() {
        Optional<Path> chromium = CHROMIUM.stream().filter(Files::exists).findFirst();
        assumeTrue("true".equals(System.getenv("CI")) || chromium.isPresent(),
                "Chromium is not installed " + CHROMIUM + ": the console is not tried in a browser");
        return chromium.orElseThrow();
    }

    Page page() {
        return page;
    }

    BrowserContext context() {
        return context;
    }

    /** Checks the page in both widths and with axe in both themes; without {@code CI}, with axe in one theme. */
    void look(String name) {
        look(name, WHOLE);
    }

    /** Checks the page in both widths, and with axe in one theme. */
    void lookBriefly(String name) {
        look(name, false);
    }

    private void look(String name, boolean bothThemes) {
        for (ColorScheme scheme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            for (int width : new int[]{NARROW, WIDE}) {
                if (!TAKES_PICTURES && (width == NARROW) != (scheme == ColorScheme.DARK)) {
                    continue;
                }
                page.setViewportSize(width, 900);
                if (TAKES_PICTURES) {
                    take(name + "-" + width + "-" + (scheme == ColorScheme.DARK ? "dark" : "light"));
                }
                assertThat(page.evaluate(TOO_WIDE)).as("%s fits into %d pixels", name, width).isEqualTo(List.of());
            }
            if (!bothThemes && scheme == ColorScheme.DARK) {
                continue;
            }
            // The themes differ in nothing but their colors.
            assertThat(violations(scheme == ColorScheme.DARK ? RULES_OF_COLORS : List.of())).as("%s, %s", name, scheme)
                    .isEqualTo(List.of());
        }
    }

    /** The pages have no frames, which would need more than this. */
    private Object violations(List<String> rules) {
        if (Boolean.TRUE.equals(page.evaluate("typeof axe === 'undefined'"))) {
            page.evaluate(AxeBuilder.getAxeScript());
        }
        return page.evaluate(VIOLATIONS, rules);
    }

    private void take(String picture) {
        try {
            Files.createDirectories(PICTURES);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setAnimations(ScreenshotAnimations.DISABLED)
                .setPath(PICTURES.resolve(picture + ".png")));
    }

    void assertNoFaults() {
        assertThat(faults).isEmpty();
    }

    @Override
    public void close() {
        context.close();
        started.giveBack();
    }
}
