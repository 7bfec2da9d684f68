package dev.postern.console;

import java.net.URI;

/** A set of pages that belong together. No page of one leads to a page of the other. */
enum Site {
    /** For operators; on the management port only. */
    CONSOLE("/console", "/console/", "/console/sign-in"),
    /** For the holder of an account's master key; the operator may put it on the public port, too. */
    KEY_HOLDER("/me", "/me/api-keys", "/me");

    private final String root;
    private final String home;
    private final String signIn;

    Site(String root, String home, String signIn) {
        this.root = root;
        this.home = home;
        this.signIn = signIn;
    }

    /** The path with which the paths of all pages begin. */
    String root() {
        return root;
    }

    /** The path of the first page. */
    String home() {
        return home;
    }

    /** The path of the page for signing in. */
    String signIn() {
        return signIn;
    }

    /** The pattern of the paths of lists. */
    String lists() {
        return switch (this) {
            case CONSOLE -> root + "/accounts/{account}/{kind}";
            case KEY_HOLDER -> root + "/api-keys";
        };
    }

    /**
     * The pattern of the paths of forms for new resources. They are beside the lists: below a list, {@code new}
     * would hide the resource with this ID.
     */
    String forms() {
        return switch (this) {
            case CONSOLE -> root + "/accounts/{account}/new/{kind}";
            case KEY_HOLDER -> root + "/new/api-keys";
        };
    }

    /** The pattern of the paths of single resources. */
    String resources() {
        return lists() + "/{id}";
    }

    /** The path of a list. */
    String list(String account, Kind kind) {
        return switch (this) {
            case CONSOLE -> root + "/accounts/" + Api.segment(account) + "/" + kind.plural();
            case KEY_HOLDER -> root + "/" + kind.plural();
        };
    }

    /** The path of the form for a new resource. */
    String form(String account, Kind kind) {
        return switch (this) {
            case CONSOLE -> root + "/accounts/" + Api.segment(account) + "/new/" + kind.plural();
            case KEY_HOLDER -> root + "/new/" + kind.plural();
        };
    }

    boolean contains(String path) {
        return path.equals(root) || path.startsWith(root + "/");
    }

    /** The page that a link asks for, if it is one of this site: a link must not lead elsewhere. */
    URI destination(String next) {
        boolean safe = next.startsWith(root + "/") && next.chars().allMatch(c -> c > 0x20 && c < 0x7f)
                && !next.contains("\\") && !next.contains("//");
        try {
            return URI.create(safe ? next : home);
        } catch (IllegalArgumentException malformed) {
            return URI.create(home);
        }
    }
}
