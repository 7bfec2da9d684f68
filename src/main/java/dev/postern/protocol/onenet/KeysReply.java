package dev.postern.protocol.onenet;

import dev.postern.access.DeviceId;
import dev.postern.account.Page;
import dev.postern.credential.Permission;
import dev.postern.issuance.ApiKeys;
import dev.postern.protocol.JsonAnswer;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * Writes the replies of {@code /keys}: always HTTP 200, with a Content-Length and exactly the members errno, error and
 * data. Client programs in five languages depend on that.
 */
final class KeysReply {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")
            .withZone(ZoneOffset.UTC);

    private static final String RETRY_SECONDS = "2";

    private KeysReply() {}

    static ObjectNode nothing() {
        return JSON.createObjectNode();
    }

    static ObjectNode key(String secret) {
        return JSON.createObjectNode().put("key", secret);
    }

    /** @param page keys in the form that {@link #listed} returns */
    static ObjectNode keys(Page<String> page, Page.Request request) {
        ObjectNode data = paged(page, request);
        ArrayNode keys = data.putArray("keys");
        page.items().forEach(key -> keys.addRawValue(new RawValue(key)));
        return data;
    }

    /** The JSON of a key in a list. It is much smaller than the key itself. */
    static String listed(ApiKeys.Shown shown) {
        ObjectNode key = JSON.createObjectNode();
        key.put("title", shown.key().name());
        key.put("key", shown.secret().secret());
        key.put("create_time", TIME.format(shown.key().created()));
        ArrayNode permissions = key.putArray("permissions");
        shown.key().granted().forEach(permission -> write(permissions.addObject(), permission));
        return JSON.writeValueAsString(key);
    }

    private static void write(ObjectNode json, Permission permission) {
        ArrayNode methods = json.putArray("access_methods");
        permission.actions().forEach(action -> methods.add(action.word()));
        ArrayNode resources = json.putArray("resources");
        for (Permission.Resource resource : permission.resources()) {
            ObjectNode entry = resources.addObject().put("dev_id", resource.device().value());
            resource.stream().ifPresent(stream -> entry.put("ds_id", stream.value()));
        }
    }

    /**
     * Devices, with every member that OneNET clients read, because some clients fail if one is missing. Values that the
     * gate does not know are empty strings.
     */
    static ObjectNode devices(Page<DeviceId> page, Page.Request request, Map<DeviceId, String> titles,
            boolean related) {
        ObjectNode data = paged(page, request);
        ArrayNode devices = data.putArray("devices");
        for (DeviceId device : page.items()) {
            String title = titles.getOrDefault(device, "");
            devices.addObject().put("id", device.value()).put("title", title).put("name", title).put("desc", "")
                    .put("create_time", "").put("act_time", "").put("last_ct", "").put("is_related", related);
        }
        return data;
    }

    /** The numbers of devices added to a key and removed from it. */
    static ObjectNode changed(int added, int removed) {
        return JSON.createObjectNode().put("add", added).put("del", removed);
    }

    private static ObjectNode paged(Page<?> page, Page.Request request) {
        return JSON.createObjectNode().put("total_count", page.totalCount()).put("page", request.number())
                .put("per_page", request.perPage());
    }

    static Mono<Void> success(ServerHttpResponse response, ObjectNode data) {
        return write(response, 0, "succ", data);
    }

    static Mono<Void> failure(ServerHttpResponse response, KeysException failure) {
        if (failure.errno() == KeysError.BUSY.errno()) {
            response.getHeaders().set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        }
        return write(response, failure.errno(), failure.text(), nothing());
    }

    private static Mono<Void> write(ServerHttpResponse response, int errno, String error, ObjectNode data) {
        ObjectNode reply = JSON.createObjectNode().put("errno", errno).put("error", error);
        reply.set("data", data);
        return JsonAnswer.write(response, HttpStatus.OK, MediaType.APPLICATION_JSON, reply);
    }
}
