package dev.postern;

/** One gate for the tests of what happens when time goes by. */
final class MovedGate {
    static final RecordingBackend BACKEND = new RecordingBackend();
    static final TestGate GATE = TestGate.start(new Class<?>[]{MovedClock.InTheGate.class},
            "postern.backend=" + BACKEND.address());
    static final MovedClock CLOCK = GATE.context().getBean(MovedClock.class);

    private MovedGate() {}
}
