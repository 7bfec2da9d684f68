package dev.postern.support;

/** {@code mvn verify -Dquick} runs the tests that start nothing. */
public final class QuickTests {
    private QuickTests() {}

    /** Called by whatever starts a Redis or a gate, so that such a test cannot slip into the quick ones. */
    public static void mustNotBeRunning() {
        if (System.getProperty("quick") != null) {
            throw new IllegalStateException("this test starts a Redis or a gate: annotate it with @UsesSharedGate, "
                    + "@OwnsItsGate or @NeedsTheMachine");
        }
    }
}
