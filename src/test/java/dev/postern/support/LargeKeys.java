package dev.postern.support;

import dev.postern.support.TestGate.Customer;

/** API keys of the maximum size: more than half a megabyte each. */
public final class LargeKeys {
    private static final int RESOURCES = 1999;

    private LargeKeys() {}

    /** Makes this many keys; the account must be allowed to store them. */
    public static void make(Customer customer, int count) {
        for (int i = 0; i < count; i++) {
            String permissions = permissions(i, RESOURCES);
            TestGate.patiently(() -> customer.newKey(permissions));
        }
    }

    /** Permissions that take about 290 bytes for each resource. */
    public static String permissions(int number, int count) {
        StringBuilder resources = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String id = String.format("%0128d", number * 10_000 + i);
            resources.append(i == 0 ? "" : ",").append("{\"dev_id\":\"").append(id).append("\",\"ds_id\":\"")
                    .append(id).append("\"}");
        }
        return "[{\"access_methods\":[\"get\"],\"resources\":[" + resources + "]}]";
    }
}
