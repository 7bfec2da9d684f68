package dev.postern.support;

/** How much a long test does: enough for a change by default, all of it where {@code CI} is {@code true}. */
public final class Thoroughness {
    private static final boolean CI = "true".equals(System.getenv("CI"));

    private Thoroughness() {}

    public static int pick(int byDefault, int inCi) {
        return CI ? inCi : byDefault;
    }
}
