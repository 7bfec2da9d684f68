package dev.postern.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.FilterDefinition;

/**
 * An API as {@code postern.apis.<id>} describes it.
 *
 * @param name       what people call it; its id when left out
 * @param backend    address of its backend, {@code http(s)://host[:port]}; that of {@code postern.backend} when left out
 * @param operations what can be called
 * @param filters    Spring Cloud Gateway filters of this API, in the gateway's own notation
 * @param deviceIds  the form in which device ids have to be spelled, {@code digits} or {@code lower}; any when left out
 * @param streamIds  the same for stream ids
 */
public record ApiDefinition(@Nullable String name, @Nullable String backend,
        @DefaultValue List<OperationDefinition> operations,
        @DefaultValue List<FilterDefinition> filters, @Nullable String deviceIds, @Nullable String streamIds) {
    /**
     * An operation.
     *
     * @param call    methods and path template, such as {@code GET,PUT /devices/{device}}
     * @param devices where device ids stand besides {@code {device}} in the path, such as {@code query:devIds}
     * @param streams where stream ids stand besides {@code {stream}} in the path
     * @param body    {@code checked} for a backend that mixes the names of a form or JSON body with those of the query: such a
     *                body is then read, and refused when it repeats ids of the query; it streams through when left out
     * @param registers where a successful reply names the device that the call has added, such as {@code
     *                  body:data.device_id}; the call adds none when left out
     * @param removes   whether the call, when it succeeds, takes the device of its path away
     */
    public record OperationDefinition(String call, @DefaultValue List<String> devices,
            @DefaultValue List<String> streams,
            @Nullable String body, @Nullable String registers, boolean removes) {}
}
