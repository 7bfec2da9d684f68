package dev.postern.proxy.websocket;

import dev.postern.access.DenyReason;
import dev.postern.backend.Slot;
import dev.postern.call.ForwardingException;
import dev.postern.call.ForwardingSettings;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.SmartLifecycle;

/**
 * The open WebSockets. When the gate stops, this class closes them before the server waits for its last calls;
 * otherwise the server would wait for the WebSockets too.
 */
final class OpenWebSockets implements SmartLifecycle {
    private final ForwardingSettings settings;
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private volatile boolean running;
    private volatile boolean stopping;

    OpenWebSockets(ForwardingSettings settings) {
        this.settings = settings;
    }

    /**
     * Starts a relay on a backend's connection, on its event loop. The slot is released when the relay has ended.
     *
     * @throws ForwardingException if the gate is stopping
     */
    Relay begin(Channel backend, Slot slot) {
        Relay relay = Relay.begin(backend, settings, ended -> {
            relays.remove(ended);
            slot.release();
        });
        relays.add(relay);
        // Checked after the relay was added: stop() either finds the relay or has set this flag before.
        if (stopping) {
            relay.abandon();
            throw new ForwardingException(DenyReason.GATE_STOPPING, DenyReason.GATE_STOPPING.text());
        }
        return relay;
    }

    @Override
    public void start() {
        running = true;
        stopping = false;
    }

    @Override
    public void stop() {
        stopping = true;
        running = false;
        relays.forEach(Relay::goAway);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before {@link dev.postern.inbound.Drain}, which waits for calls to end and closes connections. */
    @Override
    public int getPhase() {
        return SmartLifecycle.DEFAULT_PHASE - 900;
    }
}
