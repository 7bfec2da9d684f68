package dev.postern.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.FilterDefinition;

/**
 * The configuration of an API under {@code postern.apis.<id>}.
 *
 * @param name       display name; its id when left out
 * @param backend    address of its backend, {@code http(s)://host[:port]}; {@code postern.backend} when left out
 * @param operations the operations that clients can call
 * @param filters    Spring Cloud Gateway filters of this API, in the notation of Spring Cloud Gateway
 * @param deviceIds  the required form of device ids, {@code digits} or {@code lower}; any when left out
 * @param streamIds  the same for stream ids
 */
public record ApiDefinition(@Nullable String name, @Nullable String backend,
        @DefaultValue List<OperationDefinition> operations,
        @DefaultValue List<FilterDefinition> filters, @Nullable String deviceIds, @Nullable String streamIds) {
    /**
     * An operation.
     *
     * @param call    methods and path template, such as {@code GET,PUT /devices/{device}}
     * @param devices where device ids are, besides {@code {device}} in the path, such as {@code query:devIds}
     * @param streams where stream ids are, besides {@code {stream}} in the path
     * @param body    {@code checked} for a backend that treats names in a form or JSON body like those of the query:
     *                the gate then reads such a body and refuses it when it repeats ids of the query; the body streams
     *                through unread when left out
     * @param registers where a successful reply contains the id of the device that the call added, such as
     *                  {@code body:data.device_id}; when left out, the call adds no device
     * @param removes   whether a successful call removes the device in its path
     */
    public record OperationDefinition(String call, @DefaultValue List<String> devices,
            @DefaultValue List<String> streams,
            @Nullable String body, @Nullable String registers, boolean removes) {}
}
