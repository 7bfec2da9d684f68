package dev.postern.proxy.websocket;

import dev.postern.backend.Slot;
import java.util.concurrent.atomic.AtomicBoolean;

/** Decides who releases a slot: the caller that waits for the backend, until a relay takes the slot over. */
final class SlotHandover {
    private final Slot slot;
    private final AtomicBoolean settled = new AtomicBoolean();

    SlotHandover(Slot slot) {
        this.slot = slot;
    }

    /** Hands the slot to the relay; false when nobody is waiting for the WebSocket any more. */
    boolean take() {
        return settled.compareAndSet(false, true);
    }

    /** Releases the slot unless a relay has taken it over. */
    void giveUp() {
        if (settled.compareAndSet(false, true)) {
            slot.release();
        }
    }
}
