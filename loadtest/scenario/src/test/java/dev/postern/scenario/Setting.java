package dev.postern.scenario;

/** Reads environment variables. A key in the arguments of a process could be read by everyone on the machine. */
final class Setting {
    private Setting() {}

    static String of(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? otherwise : value;
    }

    static String required(String name) {
        String value = of(name, "");
        if (value.isEmpty()) {
            throw new IllegalArgumentException("Set the environment variable " + name + ".");
        }
        return value;
    }

    static double number(String name, double otherwise) {
        String value = of(name, "");
        try {
            return value.isEmpty() ? otherwise : Double.parseDouble(value);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(name + " must be a number, and not " + value + ".", notANumber);
        }
    }
}
