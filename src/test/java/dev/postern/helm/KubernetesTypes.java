package dev.postern.helm;

import com.google.gson.annotations.SerializedName;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks manifests as strictly as the API server does with field validation: no unknown field, no missing one, no value
 * of another type. The fields of Kubernetes' own kinds are those of its Java client. The schemas of custom resources
 * are in {@code crds}: those of the Prometheus operator 0.93 and of the Gateway API, without descriptions, and closed.
 */
final class KubernetesTypes {
    private static final String MODELS = "io.kubernetes.client.openapi.models.";
    private static final Map<String, String> KINDS = Map.ofEntries(Map.entry("v1 ConfigMap", "V1ConfigMap"),
            Map.entry("v1 Secret", "V1Secret"), Map.entry("v1 Service", "V1Service"), Map.entry("v1 Pod", "V1Pod"),
            Map.entry("v1 ServiceAccount", "V1ServiceAccount"),
            Map.entry("v1 PersistentVolumeClaim", "V1PersistentVolumeClaim"),
            Map.entry("apps/v1 Deployment", "V1Deployment"),
            Map.entry("autoscaling/v2 HorizontalPodAutoscaler", "V2HorizontalPodAutoscaler"),
            Map.entry("policy/v1 PodDisruptionBudget", "V1PodDisruptionBudget"),
            Map.entry("networking.k8s.io/v1 Ingress", "V1Ingress"),
            Map.entry("networking.k8s.io/v1 NetworkPolicy", "V1NetworkPolicy"));
    private static final Map<String, String> CUSTOM = Map.of("monitoring.coreos.com/v1 ServiceMonitor",
            "ServiceMonitor", "monitoring.coreos.com/v1 PodMonitor", "PodMonitor",
            "monitoring.coreos.com/v1 PrometheusRule", "PrometheusRule", "gateway.networking.k8s.io/v1 HTTPRoute",
            "HTTPRoute");
    private static final Pattern QUANTITY = Pattern.compile("[0-9]+(\\.[0-9]+)?(m|k|[KMGTP]i?|E)?");
    private static final Pattern BASE64 = Pattern.compile("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?");
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7);
    private static final Map<String, Schema> LOADED = new ConcurrentHashMap<>();

    private KubernetesTypes() {}

    /** What is wrong with a manifest; empty if nothing is. */
    static List<String> complaints(JsonNode manifest) {
        String kind = manifest.path("apiVersion").asString("") + " " + manifest.path("kind").asString("");
        List<String> found = new ArrayList<>();
        if (KINDS.containsKey(kind)) {
            walk(model(KINDS.get(kind)), manifest, kind, found);
        } else if (CUSTOM.containsKey(kind)) {
            LOADED.computeIfAbsent(CUSTOM.get(kind), KubernetesTypes::schema).validate(manifest)
                    .forEach(error -> found.add(kind + error));
            walk(model("V1ObjectMeta"), manifest.path("metadata"), kind + ".metadata", found);
        } else {
            found.add("unknown kind: " + kind);
        }
        return found;
    }

    private static Class<?> model(String name) {
        try {
            return Class.forName(MODELS + name);
        } catch (ClassNotFoundException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static Schema schema(String kind) {
        try (InputStream in = KubernetesTypes.class.getResourceAsStream("crds/" + kind + ".json")) {
            return SCHEMAS.getSchema(JsonMapper.shared().readTree(in));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void walk(Type type, JsonNode value, String path, List<String> found) {
        if (type instanceof ParameterizedType generic) {
            Type item = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Map.class) {
                require(value.isObject(), path, value, found);
                value.propertyStream().forEach(entry -> walk(item, entry.getValue(), path + "." + entry.getKey(),
                        found));
            } else {
                require(value.isArray(), path, value, found);
                for (int i = 0; i < value.size() && value.isArray(); i++) {
                    walk(item, value.get(i), path + "[" + i + "]", found);
                }
            }
        } else if (type instanceof Class<?> model && model.getName().startsWith(MODELS)) {
            object(model, value, path, found);
        } else {
            require(isScalar(type, value), path, value, found);
        }
    }

    private static void require(boolean right, String path, JsonNode value, List<String> found) {
        if (!right) {
            found.add(path + " cannot be " + value);
        }
    }

    private static boolean isScalar(Type type, JsonNode value) {
        if (type == String.class || type == OffsetDateTime.class) {
            return value.isString();
        } else if (type == Integer.class || type == Long.class) {
            return value.isIntegralNumber();
        } else if (type == Boolean.class) {
            return value.isBoolean();
        } else if (type == byte[].class) {
            return value.isString() && BASE64.matcher(value.stringValue()).matches();
        }
        return switch (((Class<?>) type).getSimpleName()) {
            case "IntOrString" -> value.isIntegralNumber() || value.isString();
            case "Quantity" -> QUANTITY.matcher(value.asString("")).matches();
            default -> type == Object.class && !value.isNull();
        };
    }

    private static void object(Class<?> model, JsonNode value, String path, List<String> found) {
        if (!value.isObject()) {
            found.add(path + " cannot be " + value);
            return;
        }
        Map<String, Type> fields = fields(model);
        for (String required : names(model, "openapiRequiredFields")) {
            if (!value.has(required)) {
                found.add(path + "." + required + " is missing");
            }
        }
        value.propertyStream().forEach(entry -> {
            Type type = fields.get(entry.getKey());
            if (type == null) {
                found.add(path + "." + entry.getKey() + " is unknown");
            } else {
                walk(type, entry.getValue(), path + "." + entry.getKey(), found);
            }
        });
    }

    private static Map<String, Type> fields(Class<?> model) {
        Map<String, Type> fields = new HashMap<>();
        for (Field field : model.getDeclaredFields()) {
            SerializedName name = field.getAnnotation(SerializedName.class);
            if (name != null) {
                fields.put(name.value(), field.getGenericType());
            }
        }
        return fields;
    }

    @SuppressWarnings("unchecked")
    private static Set<String> names(Class<?> model, String field) {
        try {
            return (Set<String>) model.getField(field).get(null);
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(changed);
        }
    }
}
