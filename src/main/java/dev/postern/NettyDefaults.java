package dev.postern;

/**
 * Settings of Netty that suit a gate, unless the operator has set others. They are system properties, and Netty reads
 * them when it is loaded.
 */
final class NettyDefaults {
    private NettyDefaults() {}

    static void apply() {
        // The adaptive allocator, Netty's default, costs a small call a twelfth more.
        unlessSet("io.netty.allocator.type", "pooled");
        // Sampling costs a small call a fiftieth, and only tells a developer something. The tests look for leaks.
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
