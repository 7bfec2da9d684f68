package dev.postern.express;

import java.util.function.BooleanSupplier;

/** Runs steps in a loop. If a step leads to another run, the outer loop goes on, so that the stack does not grow. */
final class Steps {
    private boolean running;
    private boolean again;

    /**
     * @param step returns whether there may be more to do
     * @return false if this call came from within a step, which then goes on
     */
    boolean run(BooleanSupplier step) {
        again = true;
        if (running) {
            return false;
        }
        running = true;
        try {
            while (again) {
                again = false;
                boolean more = step.getAsBoolean();
                again |= more;
            }
        } finally {
            running = false;
        }
        return true;
    }
}
