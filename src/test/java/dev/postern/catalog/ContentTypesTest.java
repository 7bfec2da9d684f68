package dev.postern.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTypesTest {
    private static final String SEVERAL = "The body has more than one Content-Type.";
    private static final String OTHER_CHARSET = "The gate reads IDs only from bodies in UTF-8.";
    private static final String CHARSETS = "The Content-Type of the body has more than one charset.";

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json;charset=utf-8", "text/plain; charset=UTF-8",
            "text/plain; Charset = \"utf-8\" ; format=flowed", "application/json; charset=utf8;",
            "text/plain;charset=us-ascii", "application/json charset=utf-8", "multipart/form-data; boundary=\"a,b\"",
            "text/plain; x=\"a \\\" , b\"", "application/json;", "", ";"})
    void leavesNothingOpen(String value) {
        assertThat(ContentTypes.whyUnreadable(List.of(value))).isEmpty();
    }

    @Test
    void acceptsAMissingType() {
        assertThat(ContentTypes.whyUnreadable(List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain;charset=utf-8;charset=utf-7", "text/plain;charset=utf-8; charset=utf-8",
            "text/plain;charset=\"utf-8\";Charset=gbk", "text/plain;charset=utf-8;charset*=utf-16''x",
            "text/plain;charset=utf-8; x=\"charset=utf-7\"", "text/plain;charset=utf-8;xcharset=gbk"})
    void refusesSeveralCharsets(String value) {
        assertThat(ContentTypes.whyUnreadable(List.of(value))).contains(CHARSETS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain;charset=utf-7", "text/plain;charset=utf-16;charset=utf-8",
            "text/plain;charset*=utf-8''utf-16", "text/plain;charset*0=utf-;charset*1=7", "text/plain;charset=utf-8x",
            "text/plain;charset=", "text/plain;charset", "text/plain;charset=utf-8 x", "text/plain;charset='utf-8'",
            "text/plain;charset=\"ut\\f-8\"", "text/plain; x=\"; charset=utf-7\"", "text/plain;charset=utf_8"})
    void readsNoOtherCharset(String value) {
        assertThat(ContentTypes.whyUnreadable(List.of(value))).contains(OTHER_CHARSET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json, text/plain", "text/plain,text/plain", "application/json,",
            "text/plain; x=\"a\", application/json", "text/plain; x=\"a, application/json", "text/plain\"",
            "text/plain;charset=\"utf-8", "text/plain;charset=utf-8\""})
    void refusesSeveralTypesOnOneLine(String value) {
        assertThat(ContentTypes.whyUnreadable(List.of(value))).contains(SEVERAL);
        assertThat(BodyKind.of(List.of(value))).isEqualTo(BodyKind.UNCLEAR);
    }

    @Test
    void refusesSeveralTypesOnSeveralLines() {
        for (String second : List.of("application/json", "text/plain", "")) {
            List<String> both = List.of("text/plain", second);
            assertThat(ContentTypes.whyUnreadable(both)).contains(SEVERAL);
            assertThat(BodyKind.of(both)).isEqualTo(BodyKind.UNCLEAR);
        }
        assertThat(BodyKind.UNCLEAR.hasNames()).as("it has to be read, and is refused").isTrue();
    }
}
