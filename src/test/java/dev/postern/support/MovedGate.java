package dev.postern.support;

/** One gate for the tests of what happens as time passes. */
public final class MovedGate {
    static final RecordingBackend BACKEND = new RecordingBackend();
    public static final TestGate GATE = TestGate.start(new Class<?>[]{MovableClock.InTheGate.class},
            "postern.backend=" + BACKEND.address());
    public static final MovableClock CLOCK = GATE.context().getBean(MovableClock.class);

    private MovedGate() {}
}
