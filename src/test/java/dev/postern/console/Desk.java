package dev.postern.console;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.postern.support.TestGate;
import java.util.concurrent.atomic.AtomicInteger;

/** A browser in which an administrator or a key holder is signed in, and what tests do with it. */
final class Desk implements AutoCloseable {
    static final String PASSWORD = "correct horse battery";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Browser browser;
    private final String root;
    private final Runnable signIn;
    private final Runnable cleanUp;

    Desk(TestGate gate) {
        this(gate, "en");
    }

    Desk(TestGate gate, String language) {
        String operator = "desk-" + NUMBER.incrementAndGet();
        if (gate.operate("POST", "/api/v1/operators", "{\"name\":\"" + operator
                + "\",\"role\":\"admin\",\"password\":\"" + PASSWORD + "\"}").status() != 201) {
            throw new AssertionError("the operator could not be made");
        }
        root = "/console";
        cleanUp = () -> gate.operate("DELETE", "/api/v1/operators/" + operator, "");
        signIn = () -> {
            fill("name", operator);
            fill("password", PASSWORD);
        };
        browser = new Browser("http://127.0.0.1:" + gate.managementPort(), language);
        page().navigate("/console/sign-in");
        signIn();
    }

    private Desk(int port, String masterKey) {
        root = "/me";
        cleanUp = () -> {};
        signIn = () -> fill("master_key", masterKey);
        browser = new Browser("http://127.0.0.1:" + port, "en");
        page().navigate("/me");
        signIn();
    }

    /** One for the key holder's page. */
    static Desk ofKeyHolder(int port, String masterKey) {
        return new Desk(port, masterKey);
    }

    /** Fills in the page for signing in, which is open. */
    void signIn() {
        signIn.run();
        page().locator("main button[type=submit]").click();
    }

    Browser browser() {
        return browser;
    }

    Page page() {
        return browser.page();
    }

    /** Opens a page below the root. */
    void open(String path) {
        page().navigate(root + path);
    }

    /** Looks at the page that is open, and at the same page in Chinese. It must be one that can be loaded again. */
    void lookInBothLanguages(String name) {
        browser.look(name);
        String path = page().url().replaceFirst("[^/]+//[^/]+", "");
        page().navigate(root + "/language?tag=zh-CN");
        page().navigate(path);
        // Both languages have the same colours.
        browser.lookBriefly(name + "-chinese");
        page().navigate(root + "/language?tag=en");
        page().navigate(path);
    }

    void press(String button) {
        page().locator("main").getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(button)
                .setExact(true)).click();
    }

    void follow(String link) {
        page().getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(link).setExact(true)).first().click();
    }

    void fill(String name, String value) {
        page().locator("main [name='" + name + "']").fill(value);
    }

    String secret() {
        return page().locator("#secret").inputValue();
    }

    /** The ID in the path of the page of a resource. */
    String idOfPage() {
        return page().url().replaceAll(".*(?:/accounts/[^/]+|/me)/[^/]+/([^/?]+).*", "$1");
    }

    @Override
    public void close() {
        try {
            cleanUp.run();
        } finally {
            browser.close();
        }
    }
}
