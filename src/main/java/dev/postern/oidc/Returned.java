package dev.postern.oidc;

import java.util.Optional;
import java.util.function.Function;

/**
 * What the provider sends along when it sends the browser back. Anyone can make this up.
 *
 * @param code  empty if the provider did not sign the visitor in
 * @param error the error of the provider; empty if there is none
 */
public record Returned(String state, String code, Optional<String> issuer, String error) {
    private static final int MAX = 4096;

    /** @param parameters finds the value of a parameter by name; empty if the parameter is missing or repeated */
    public static Returned read(Function<String, Optional<String>> parameters) {
        return new Returned(text(parameters, "state"), text(parameters, "code"), parameters.apply("iss"),
                text(parameters, "error").replaceAll("[^a-z_]", ""));
    }

    private static String text(Function<String, Optional<String>> parameters, String name) {
        return parameters.apply(name).filter(value -> value.length() <= MAX).orElse("");
    }

    /** Whether the answer does not name another issuer (RFC 9207). */
    boolean isFrom(String expected) {
        return issuer.map(expected::equals).orElse(true);
    }

    /** Leaves out the code. */
    @Override
    public String toString() {
        return "Returned[" + error + "]";
    }
}
