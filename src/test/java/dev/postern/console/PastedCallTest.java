package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls as people paste them. */
class PastedCallTest {
    private static void assertIs(String pasted, String method, String target, Map<String, List<String>> headers,
            String body) {
        assertThat(PastedCall.read(pasted)).isEqualTo(new PastedCall(method, target, headers, body));
    }

    @Test
    void canBeRequests() {
        assertIs(" GET /devices/lamp?x=1\n", "GET", "/devices/lamp?x=1", Map.of(), "");
        assertIs("put /devices/lamp HTTP/1.1\r\nAPI-Key: k\r\nContent-Type: text/plain\r\n\r\na\r\n\r\nb", "put",
                "/devices/lamp", Map.of("API-Key", List.of("k"), "Content-Type", List.of("text/plain")), "a\n\nb");
        assertIs("GET /a\nX: 1\nX: 2", "GET", "/a", Map.of("X", List.of("1", "2")), "");
    }

    @Test
    void canBeCurlCommands() {
        assertIs("curl http://gate:8080/devices/lamp", "GET", "/devices/lamp", Map.of(), "");
        assertIs(
                "$ curl -sS -H 'Authorization: Bearer t o' \\\n  --url \"https://gate/devices?a=1&b=2#c\" \\\r\n -X DELETE",
                "DELETE", "/devices?a=1&b=2", Map.of("Authorization", List.of("Bearer t o")), "");
        assertIs("curl gate -d a=1 --data-raw '@x' -d ''", "POST", "/",
                Map.of("Content-Type", List.of("application/x-www-form-urlencoded")), "a=1&@x&");
        assertIs("curl -G gate/x?y=1 --data-urlencode 'q=a b&ü' -d z", "GET", "/x?y=1&q=a%20b%26%C3%BC&z", Map.of(),
                "");
        assertIs("curl -sSXPUT gate/x --json '{\"a\":\"it'\\''s\"}' -H'content-type: application/x'", "PUT", "/x",
                Map.of("content-type", List.of("application/x"), "Accept", List.of("application/json")),
                "{\"a\":\"it's\"}");
        assertIs("curl gate/x --data-raw $'a\\u00fc\\'\\n\\x41\\t' -H 'Content-Type:'", "POST", "/x", Map.of(),
                "aü'\nA\t");
        assertIs("curl -I -u user:p%40 -A agent -b c=1 -e r -o /dev/null --max-time 3 -- gate", "HEAD", "/",
                Map.of("Authorization", List.of("Basic dXNlcjpwJTQw"), "User-Agent", List.of("agent"), "Cookie",
                        List.of("c=1"), "Referer", List.of("r")),
                "");
        assertIs("curl http://u:p@gate/@x", "GET", "/@x", Map.of("Authorization", List.of("Basic dTpw")), "");
        assertIs("curl --oauth2-bearer t -H 'Authorization: mine' gate # a remark", "GET", "/",
                Map.of("Authorization", List.of("mine")), "");
        assertIs("curl \"gate/a\\\"b\\x\" -H 'Empty;' --path-as-is -g", "GET", "/a\"b\\x", Map.of("Empty", List.of("")),
                "");
        assertIs("curl gate/../a[1] --path-as-is -g", "GET", "/../a[1]", Map.of(), "");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '~', value = {"hello~line~", "/devices/lamp~line~",
            "curl -H \"Authorization: Bearer $TOKEN\" gate~variable~$TOKEN", "curl gate/${ID}~variable~$ID",
            "curl gate/$(id)~substitution~", "curl gate/a?b=1&c=2~operator~&", "curl gate | jq .~operator~|",
            "curl gate -d @body.json~file~-d", "curl gate --data-urlencode x@y~file~--data-urlencode",
            "curl gate -F a=b~option~-F", "curl gate --upload-file x~option~--upload-file",
            "curl gate --ABC-secret~option~--…", "curl gate -H~value~-H", "curl 'gate~quote~'",
            "curl gate -d \"~quote~\"",
            "curl~no-url~", "curl -s~no-url~", "curl a b~urls~", "curl ftp://gate/x~url~", "curl gate/{a,b}~glob~",
            "curl gate/a/%2e%2E/b~dots~", "curl gate -H nothing~curl-header~", "curl gate \\~cut-off~"})
    void sayWhatIsNotUnderstood(String pasted, String key, String argument) {
        assertThatExceptionOfType(UnreadableCallException.class).isThrownBy(() -> PastedCall.read(pasted))
                .satisfies(unreadable -> {
                    assertThat(unreadable.key()).isEqualTo("explain.unreadable." + key);
                    assertThat(unreadable.argument()).isEqualTo(argument == null ? "" : argument);
                });
    }

    @Test
    void areOneCommandOnly() {
        assertThatExceptionOfType(UnreadableCallException.class).isThrownBy(() -> PastedCall.read("curl a\ncurl b"))
                .satisfies(unreadable -> assertThat(unreadable.key()).endsWith("commands"));
        assertThatExceptionOfType(UnreadableCallException.class).isThrownBy(() -> PastedCall.read("curl a ^\n -H b"))
                .satisfies(unreadable -> assertThat(unreadable.key()).endsWith("windows"));
        assertThatExceptionOfType(UnreadableCallException.class).isThrownBy(() -> PastedCall.read("GET /a\nsecret"))
                .satisfies(unreadable -> assertThat(unreadable.argument()).isEqualTo("2"));
        assertThatExceptionOfType(UnreadableCallException.class).isThrownBy(() -> PastedCall.read("curl `id`"))
                .satisfies(unreadable -> assertThat(unreadable.key()).endsWith("substitution"));
    }
}
