package dev.postern.reload;

import java.util.List;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/**
 * Remembers the settings that do not come from files: arguments, system properties, environment variables. Spring Boot
 * reads the files after this, and later parts of the start add sources of their own.
 */
final class StartingSources implements EnvironmentPostProcessor, Ordered {
    /** The sources, in their order. */
    record Found(List<PropertySource<?>> sources) {}

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Found found = new Found(environment.getPropertySources().stream()
                .filter(source -> !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source))
                .toList());
        application.addInitializers(context -> context.getBeanFactory().registerSingleton("startingSources", found));
    }

    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER - 1;
    }
}
