package dev.postern.call;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The express lane, which forwards plain HTTP/1.1 calls at a fraction of the cost: {@code postern.express.*}.
 *
 * @param enabled Whether plain calls take the express lane. Otherwise all calls go through the filters of Spring Cloud
 *     Gateway. Clients and backends see no difference.
 * @param responseHeader Whether responses say in {@code X-Postern-Lane} which way their call took: {@code express} or
 *     {@code chain}.
 */
public record ExpressSettings(@DefaultValue("true") boolean enabled, @DefaultValue("false") boolean responseHeader) {}
