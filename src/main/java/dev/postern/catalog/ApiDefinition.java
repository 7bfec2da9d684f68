package dev.postern.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesSource;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.FilterDefinition;

/**
 * An API as {@code postern.apis.<id>} describes it.
 *
 * @param name The display name of the API. The default is its ID.
 * @param backend The address of the API's own backend, {@code http(s)://host[:port]}. The default is {@code
 *     postern.backend}.
 * @param operations The operations of the API; at least one.
 * @param filters Filters of Spring Cloud Gateway for this API, in the notation of the gateway.
 * @param deviceIds The only accepted form of device IDs: {@code digits} or {@code lower}. If it is not set, any ID is
 *     accepted.
 * @param streamIds The only accepted form of stream IDs: {@code digits} or {@code lower}.
 */
@ConfigurationPropertiesSource
public record ApiDefinition(@Nullable String name, @Nullable String backend,
        @DefaultValue List<OperationDefinition> operations,
        @DefaultValue List<FilterDefinition> filters, @Nullable String deviceIds, @Nullable String streamIds) {
    /**
     * An operation: {@code postern.apis.<id>.operations[]}.
     *
     * @param call Required. Methods and path template, such as {@code GET,PUT /devices/{device}}.
     * @param devices Where device IDs are, other than {@code {device}} in the path, such as {@code query:devIds}.
     * @param streams Where stream IDs are, other than {@code {stream}} in the path.
     * @param body {@code checked} for a backend that mixes the names of a form or JSON body with those of the query.
     *     Such a body is then read, and refused if it repeats IDs of the query. If it is not set, the body streams
     *     through unread.
     * @param registers Where a successful reply names the device that the call added, such as {@code
     *     body:data.device_id}.
     * @param removes Whether the call, if it succeeds, removes the device in its path.
     */
    @ConfigurationPropertiesSource
    public record OperationDefinition(String call, @DefaultValue List<String> devices,
            @DefaultValue List<String> streams,
            @Nullable String body, @Nullable String registers, boolean removes) {}
}
