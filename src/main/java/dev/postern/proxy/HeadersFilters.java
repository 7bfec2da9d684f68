package dev.postern.proxy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.headers.GRPCRequestHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.GRPCResponseHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;

/**
 * The filters for the headers of requests and responses, looked up once, at the first call. Those for gRPC are left
 * out: backends are called with HTTP/1.1, which cannot carry it.
 */
final class HeadersFilters {
    private final ObjectProvider<List<HttpHeadersFilter>> beans;
    private volatile @Nullable List<HttpHeadersFilter> all;

    HeadersFilters(ObjectProvider<List<HttpHeadersFilter>> beans) {
        this.beans = beans;
    }

    List<HttpHeadersFilter> all() {
        List<HttpHeadersFilter> known = all;
        if (known == null) {
            known = beans.getIfAvailable(List::of).stream()
                    .filter(filter -> !(filter instanceof GRPCRequestHeadersFilter
                            || filter instanceof GRPCResponseHeadersFilter))
                    .toList();
            all = known;
        }
        return known;
    }
}
