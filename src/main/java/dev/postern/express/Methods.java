package dev.postern.express;

import org.jspecify.annotations.Nullable;

/** The methods of the plain form, as the same strings for every request. */
final class Methods {
    private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"};

    private Methods() {}

    /** The method of a recognized head. */
    static String of(PlainHead head) {
        String method = of(head.bytes, head.size);
        if (method == null) {
            throw new IllegalStateException("the head was not recognized");
        }
        return method;
    }

    static @Nullable String of(byte[] bytes, int size) {
        for (String method : METHODS) {
            if (size > method.length() && bytes[method.length()] == ' ' && starts(bytes, method, method.length())) {
                return method;
            }
        }
        return null;
    }

    static boolean mayStart(byte[] bytes, int size) {
        for (String method : METHODS) {
            if (starts(bytes, method, Math.min(size, method.length())) && size <= method.length()) {
                return true;
            }
        }
        return false;
    }

    private static boolean starts(byte[] bytes, String method, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] != method.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
