package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** The texts of the console in both languages. */
class MessagesTest {
    private static Properties read(String name) throws IOException {
        Properties texts = new Properties();
        try (Reader reader = new InputStreamReader(MessagesTest.class.getResourceAsStream(name),
                StandardCharsets.UTF_8)) {
            texts.load(reader);
        }
        return texts;
    }

    @Test
    void areThereInEnglishAndInChinese() throws IOException {
        Properties english = read("messages.properties");
        Properties chinese = read("messages_zh_CN.properties");

        assertThat(chinese.keySet()).isEqualTo(english.keySet());
        english.forEach((key, text) -> {
            assertThat(new MessageFormat(String.valueOf(text), Locale.ENGLISH).getFormatsByArgumentIndex().length)
                    .as("the arguments of %s", key)
                    .isGreaterThanOrEqualTo(new MessageFormat(chinese.getProperty(String.valueOf(key)), Locale.CHINESE)
                            .getFormatsByArgumentIndex().length);
            assertThat(String.valueOf(text)).as("MessageFormat drops a single apostrophe").doesNotContain("'");
        });
    }

    @Test
    void areThereForEachFieldOfEachKind() throws IOException {
        Properties texts = read("messages.properties");
        for (Kind kind : Kind.values()) {
            for (String prefix : new String[]{"kind.", "new.", "modify.", "created.", "empty."}) {
                assertThat(texts).containsKey(prefix + kind.plural());
            }
            assertThat(texts).containsKey("delete.warning." + kind.section());
            kind.columns().forEach(column -> assertThat(texts).containsKey("field." + column));
            kind.fields().forEach(field -> assertThat(texts).containsKey("field." + field.name()));
        }
    }
}
