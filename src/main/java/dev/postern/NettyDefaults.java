package dev.postern;

/**
 * Settings of Netty that suit a gate, unless the operator has set others. They are system properties, and Netty reads
 * them when it is loaded.
 */
final class NettyDefaults {
    private NettyDefaults() {}

    static void apply() {
        // The adaptive allocator, Netty's default, makes a small call a twelfth more expensive.
        unlessSet("io.netty.allocator.type", "pooled");
        // Leak detection makes a small call a fiftieth more expensive, and helps only developers. The tests look for
        // leaks.
        if (System.getProperty("io.netty.leakDetectionLevel") == null) {
            unlessSet("io.netty.leakDetection.level", "disabled");
        }
    }

    private static void unlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
