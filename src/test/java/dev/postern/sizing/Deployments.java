package dev.postern.sizing;

import java.util.Map;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Makes deployments from the figures that differ from the assumptions. */
final class Deployments {
    private static final String PREFIX = "size.";

    private Deployments() {}

    /** @param figures by the names of the components; fails on a name that there is not */
    static Deployment with(Map<String, ?> figures) {
        MapConfigurationPropertySource source = new MapConfigurationPropertySource();
        figures.forEach((name, value) -> source.put(PREFIX + name, value));
        return new Binder(source).bindOrCreate("size", Bindable.of(Deployment.class),
                new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
    }
}
