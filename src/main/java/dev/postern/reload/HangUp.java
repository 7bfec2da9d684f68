package dev.postern.reload;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for the signal HUP, which would otherwise end the process. The class of the JDK for this is in a module that
 * every JDK has, but the compiler warns of it.
 */
final class HangUp {
    private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);
    private static final Set<Listener> LISTENERS = ConcurrentHashMap.newKeySet();
    private static boolean installed;

    private HangUp() {}

    /** Is told of each signal. */
    interface Listener {
        void hungUp();
    }

    static synchronized void listen(Listener listener) {
        LISTENERS.add(listener);
        if (!installed) {
            installed = true;
            install();
        }
    }

    static void forget(Listener listener) {
        LISTENERS.remove(listener);
    }

    private static void install() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler tell = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    LISTENERS.forEach(Listener::hungUp);
                    yield null;
                }
                // The JDK compares handlers with its own.
                case "equals" -> false;
                case "hashCode" -> 0;
                default -> "the listener for HUP";
            };
            signal.getMethod("handle", signal, handler).invoke(null,
                    signal.getConstructor(String.class).newInstance("HUP"),
                    Proxy.newProxyInstance(HangUp.class.getClassLoader(), new Class<?>[]{handler}, tell));
        } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
            LOG.warn("The signal HUP does not reload the settings on this system");
        }
    }
}
