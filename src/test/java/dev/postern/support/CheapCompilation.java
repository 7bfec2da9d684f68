package dev.postern.support;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Lets the compiler C2 compile only the arithmetic of cryptography. In tests, most code runs only a few times: C2 would
 * take a fifth of their processor time and never earn it back. With {@code -XX:CompilerDirectivesFile} the JVM would
 * print a line, which Surefire takes for a corrupted channel, so the directives are added here.
 */
public final class CheapCompilation implements LauncherSessionListener {
    private static final Path DIRECTIVES = Path.of("src/test/compiler-directives.json");

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        if (!Boolean.getBoolean("test.cheap.compilation") || !Files.exists(DIRECTIVES)) {
            return;
        }
        try {
            ManagementFactory.getPlatformMBeanServer().invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"), "compilerDirectivesAdd",
                    new Object[]{new String[]{DIRECTIVES.toString()}}, new String[]{String[].class.getName()});
        } catch (JMException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
