package dev.postern.proxy.websocket;

import dev.postern.backend.Slot;
import java.util.concurrent.atomic.AtomicBoolean;

/** Who releases a slot: the one who waits for the backend, as long as no relay has taken the slot over. */
final class Handover {
    private final Slot slot;
    private final AtomicBoolean settled = new AtomicBoolean();

    Handover(Slot slot) {
        this.slot = slot;
    }

    /** Whether the slot is the relay's now; false when nobody waits for the WebSocket any more. */
    boolean take() {
        return settled.compareAndSet(false, true);
    }

    /** Releases the slot, if it was not taken over. */
    void giveUp() {
        if (settled.compareAndSet(false, true)) {
            slot.release();
        }
    }
}
