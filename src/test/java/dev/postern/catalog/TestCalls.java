package dev.postern.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.TargetParser;
import dev.postern.catalog.ApiDefinition.OperationDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Catalogues and requests in the short form in which these tests write them. */
final class TestCalls {
    private TestCalls() {}

    static OperationDefinition operation(String call) {
        return new OperationDefinition(call, List.of(), List.of(), "checked", null, false);
    }

    static OperationDefinition operation(String call, List<String> devices, List<String> streams) {
        return new OperationDefinition(call, devices, streams, "checked", null, false);
    }

    /** @param path where the reply names the device */
    static OperationDefinition registering(String call, String path) {
        return new OperationDefinition(call, List.of(), List.of(), null, path, false);
    }

    static OperationDefinition removing(String call) {
        return new OperationDefinition(call, List.of(), List.of(), null, null, true);
    }

    static ApiDefinition api(OperationDefinition... operations) {
        return new ApiDefinition(null, null, List.of(operations), List.of(), null, null);
    }

    static Catalog catalog(OperationDefinition... operations) {
        return Catalog.compile(Map.of("test", api(operations)));
    }

    /** A catalogue of several APIs in this order, each with one operation. */
    static Map<String, ApiDefinition> apis(Map.Entry<String, ApiDefinition> first,
            Map.Entry<String, ApiDefinition> second) {
        Map<String, ApiDefinition> apis = new LinkedHashMap<>();
        apis.put(first.getKey(), first.getValue());
        apis.put(second.getKey(), second.getValue());
        return apis;
    }

    static Reading reading(Catalog catalog, String method, String target) {
        return reading(catalog, method, target, Map.of());
    }

    static Reading reading(Catalog catalog, String method, String target, Map<String, List<String>> headers) {
        return catalog.read(method, TargetParser.parse(target), name -> headers.getOrDefault(name, List.of()));
    }

    static Reading.Read read(Catalog catalog, String method, String target) {
        return read(catalog, method, target, Map.of());
    }

    static Reading.Read read(Catalog catalog, String method, String target, Map<String, List<String>> headers) {
        Reading reading = reading(catalog, method, target, headers);
        assertThat(reading).isInstanceOf(Reading.Read.class);
        return (Reading.Read) reading;
    }

    static Reading.Refused refused(Catalog catalog, String method, String target) {
        return refused(catalog, method, target, Map.of());
    }

    static Reading.Refused refused(Catalog catalog, String method, String target, Map<String, List<String>> headers) {
        Reading reading = reading(catalog, method, target, headers);
        assertThat(reading).isInstanceOf(Reading.Refused.class);
        return (Reading.Refused) reading;
    }
}
