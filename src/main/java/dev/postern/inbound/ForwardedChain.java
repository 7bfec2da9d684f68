package dev.postern.inbound;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a peer says about the clients before it: its {@code X-Forwarded-For}, or else its {@code Forwarded}. Use it
 * only from a trusted proxy. If the proxy sends both and they disagree, {@code X-Forwarded-For} is right: many proxies
 * set only that, and pass on the {@code Forwarded} of the client.
 *
 * @param nodes      the clients as the proxies wrote them, the nearest last
 * @param said       the elements of {@code Forwarded}; empty if it is missing or cannot be read
 * @param unreadable whether {@code Forwarded} cannot be read, and nothing else names a client
 */
public record ForwardedChain(List<String> nodes, Optional<List<ForwardedElement>> said, boolean unreadable) {
    public static final String FORWARDED = "Forwarded";
    public static final String FORWARDED_FOR = "X-Forwarded-For";

    /** @param headers returns the values of a header by its case-insensitive name; null or empty if there are none */
    public static ForwardedChain read(Function<String, ? extends @Nullable List<String>> headers) {
        List<String> forwarded = values(headers, FORWARDED);
        Optional<List<ForwardedElement>> said = forwarded.isEmpty()
                ? Optional.empty()
                : ForwardedElement.parse(String.join(", ", forwarded));
        List<String> nodes = values(headers, FORWARDED_FOR).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1))).map(String::strip)
                .filter(node -> !node.isEmpty()).toList();
        return new ForwardedChain(nodes.isEmpty() ? nodes(said) : nodes, said,
                nodes.isEmpty() && !forwarded.isEmpty() && said.isEmpty());
    }

    private static List<String> values(Function<String, ? extends @Nullable List<String>> headers, String name) {
        List<String> values = headers.apply(name);
        return values == null ? List.of() : values;
    }

    /** Whether {@code Forwarded} says the same as {@link #nodes}. */
    public boolean agrees() {
        return said.isPresent() && nodes(said).equals(nodes);
    }

    private static List<String> nodes(Optional<List<ForwardedElement>> said) {
        return said.orElse(List.of()).stream().map(element -> String.valueOf(element.node())).toList();
    }
}
