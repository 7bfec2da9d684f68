package dev.postern.support;

/** One gate for the tests of devices and licenses. They move its clock, and tell its backend what to answer. */
public final class LicensedGate {
    public static final RecordingBackend BACKEND = new RecordingBackend();
    public static final TestGate GATE = start();
    public static final MovableClock CLOCK = clock(GATE);

    private LicensedGate() {}

    /** Starts another one, for a class that takes long. */
    public static TestGate start() {
        return TestGate.start(new Class<?>[]{MovableClock.InTheGate.class}, "postern.backend=" + BACKEND.address(),
                "postern.license.enabled=true", "postern.recent-decisions.enabled=true");
    }

    public static MovableClock clock(TestGate gate) {
        return gate.context().getBean(MovableClock.class);
    }
}
