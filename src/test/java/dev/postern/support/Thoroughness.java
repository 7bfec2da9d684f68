package dev.postern.support;

/** How much a test does: by default, enough to check a change; if {@code CI} is {@code true}, all of it. */
public final class Thoroughness {
    private static final boolean CI = "true".equals(System.getenv("CI"));

    private Thoroughness() {}

    public static int pick(int byDefault, int inCi) {
        return CI ? inCi : byDefault;
    }
}
