package dev.postern.outage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Something that is true or not, as far as can be known by whoever changes it. It may be either while a change is under
 * way, and after a change of which nobody knows whether it was made. One thread may change it while many threads ask.
 */
final class Fact {
    /** As far as is known. */
    enum Value {
        YES, NO, EITHER
    }

    private record Change(long at, Value value, int gate) {}

    private final List<Change> changes = new ArrayList<>();

    Fact(Value value) {
        changes.add(new Change(System.nanoTime(), value, -1));
    }

    /** Notes that it has this value from now on, through a change at this gate. */
    synchronized void is(Value value, int gate) {
        changes.add(new Change(System.nanoTime(), value, gate));
    }

    synchronized Value now() {
        return changes.getLast().value();
    }

    /**
     * Whether it may have had this value for a call at this gate: at any moment from {@code behind} nanoseconds before
     * the call began until the call ended. A gate is not behind with what it changed itself.
     */
    synchronized boolean mayBe(Value value, int gate, long began, long ended, long behind) {
        boolean possible = false;
        for (Change change : changes) {
            if (change.at() - ended > 0) {
                break;
            }
            boolean known = change.at() - (change.gate() == gate ? began : began - behind) <= 0;
            boolean fits = change.value() == value || change.value() == Value.EITHER;
            possible = known ? fits : possible || fits;
        }
        return possible;
    }

    @Override
    public synchronized String toString() {
        List<String> told = new ArrayList<>();
        for (Change change : changes) {
            told.add(change.value() + " since " + TimeUnit.NANOSECONDS.toMillis(change.at()) + " ms by gate "
                    + change.gate());
        }
        return told.toString();
    }
}
