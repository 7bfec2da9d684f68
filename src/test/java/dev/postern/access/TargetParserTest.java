package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.access.RequestTarget.Parameter;
import dev.postern.access.RequestTarget.Parsed;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetParserTest {
    @ParameterizedTest
    @MethodSource("ambiguousPaths")
    void refusesAmbiguousPaths(String raw, String detail) {
        assertThat(TargetParser.parse(raw)).isEqualTo(new Parsed.Ambiguous(detail));
    }

    static Stream<Arguments> ambiguousPaths() {
        return Stream.of(
                Arguments.of("/devices%2Flamp-1", "The path contains an encoded slash."),
                Arguments.of("/devices/lamp-1%2f..%2flamp-2", "The path contains an encoded slash."),
                Arguments.of("/devices/%2F", "The path contains an encoded slash."),
                Arguments.of("/devices%5Clamp-1", "The path contains a backslash."),
                Arguments.of("/devices%5clamp-1", "The path contains a backslash."),
                Arguments.of("/devices\\lamp-1", "The path contains a backslash."),
                Arguments.of("/devices/..", "The path contains a dot segment."),
                Arguments.of("/devices/../keys", "The path contains a dot segment."),
                Arguments.of("/devices/./lamp-1", "The path contains a dot segment."),
                Arguments.of("/.", "The path contains a dot segment."),
                Arguments.of("/devices/%2e%2e/keys", "The path contains a dot segment."),
                Arguments.of("/devices/.%2E/keys", "The path contains a dot segment."),
                Arguments.of("/devices/%2e/lamp-1", "The path contains a dot segment."),
                Arguments.of("/devices/lamp-1;x=y", "The path contains a path parameter (;)."),
                Arguments.of("/devices;/lamp-1", "The path contains a path parameter (;)."),
                Arguments.of("/devices/..;/keys", "The path contains a path parameter (;)."),
                Arguments.of("/devices/lamp-1%3Bx", "The path contains a path parameter (;)."),
                Arguments.of("/devices/lamp-1%3b", "The path contains a path parameter (;)."),
                Arguments.of("/devices/%252e%252e/keys", "The path is percent-encoded twice."),
                Arguments.of("/devices/%25", "The path is percent-encoded twice."),
                Arguments.of("/devices%252Flamp-1", "The path is percent-encoded twice."),
                Arguments.of("/devices/lamp-1%3Fx", "The path contains an encoded delimiter."),
                Arguments.of("/devices/lamp-1%23", "The path contains an encoded delimiter."),
                Arguments.of("/devices/lamp-1%00", "The path contains a control character."),
                Arguments.of("/devices/lamp-1\0", "The path contains a control character."),
                Arguments.of("/devices/lamp-1%0a", "The path contains a control character."),
                Arguments.of("/devices/lamp-1%0D%0A", "The path contains a control character."),
                Arguments.of("/devices/lamp-1%1f", "The path contains a control character."),
                Arguments.of("/devices/lamp-1%7F", "The path contains a control character."),
                Arguments.of("/devices/lamp-1\t", "The path contains a control character."),
                Arguments.of("/devices/l%C3%A4mp", "The path contains a non-ASCII character."),
                Arguments.of("/devices/%c0%af", "The path contains a non-ASCII character."),
                Arguments.of("/devices/%80", "The path contains a non-ASCII character."),
                Arguments.of("/devices/lämp", "The path contains a non-ASCII character."),
                Arguments.of("/devices/lamp\uff0f1", "The path contains a non-ASCII character."));
    }

    @ParameterizedTest
    @MethodSource("brokenTargets")
    void refusesBrokenTargets(String raw, String detail) {
        assertThat(TargetParser.parse(raw)).isEqualTo(new Parsed.Ambiguous(detail));
    }

    static Stream<Arguments> brokenTargets() {
        return Stream.of(
                Arguments.of("/devices/%", "The request target ends in the middle of a percent-escape."),
                Arguments.of("/devices/%2", "The request target ends in the middle of a percent-escape."),
                Arguments.of("/%/devices", "The request target ends in the middle of a percent-escape."),
                Arguments.of("/devices/%zz", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices/%4g", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices/%u0041", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices/%\uff11\uff11", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices/% 41", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices/%-1x", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices?a=%", "The request target ends in the middle of a percent-escape."),
                Arguments.of("/devices?a=%4", "The request target ends in the middle of a percent-escape."),
                Arguments.of("/devices?a=%4&b=1", "The request target ends in the middle of a percent-escape."),
                Arguments.of("/devices?a=%xy", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices?%xy=a", "The request target contains a malformed percent-escape."),
                Arguments.of("/devices#top", "The request target contains a fragment."),
                Arguments.of("/devices?a=b#top", "The request target contains a fragment."),
                Arguments.of("#", "The request target does not start with a slash."),
                Arguments.of("", "The request target does not start with a slash."),
                Arguments.of("*", "The request target does not start with a slash."),
                Arguments.of("devices", "The request target does not start with a slash."),
                Arguments.of("?a=b", "The request target does not start with a slash."),
                Arguments.of("ftp://gate/devices", "The request target does not start with a slash."),
                Arguments.of("gate:443", "The request target does not start with a slash."));
    }

    @ParameterizedTest
    @MethodSource("ambiguousQueries")
    void refusesAmbiguousQueries(String query, String detail) {
        assertThat(TargetParser.parse("/devices?" + query)).isEqualTo(new Parsed.Ambiguous(detail));
    }

    static Stream<Arguments> ambiguousQueries() {
        return Stream.of(
                Arguments.of("a=%00", "The query contains a NUL."),
                Arguments.of("a=1%002", "The query contains a NUL."),
                Arguments.of("a=\0", "The query contains a control character."),
                Arguments.of("a=1\t2", "The query contains a control character."),
                Arguments.of("a=\u007f", "The query contains a control character."),
                Arguments.of("a=\u4e2d", "The query contains a character that is not allowed in a URL."),
                Arguments.of("a%00=1", "The query contains a control character."),
                Arguments.of("a%0a=1", "The query contains a control character."),
                Arguments.of("a\0=1", "The query contains a control character."),
                Arguments.of("%C3%A4=1", "The query contains a non-ASCII character."),
                Arguments.of("ä=1", "The query contains a non-ASCII character."),
                Arguments.of("=1", "The query contains a parameter without a name."),
                Arguments.of("a=1&=2", "The query contains a parameter without a name."),
                Arguments.of("=", "The query contains a parameter without a name."),
                Arguments.of("%20=1", "The query contains a parameter without a name."),
                Arguments.of("%2564evIds=1", "A parameter name is percent-encoded twice."),
                Arguments.of("a=1&%25=2", "A parameter name is percent-encoded twice."));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /                            | ''                      | true
            /devices                     | devices                 | false
            /devices/                    | devices                 | true
            /devices/lamp-1/datastreams  | devices lamp-1 datastreams | false
            //devices///lamp-1//         | devices lamp-1          | true
            //                           | ''                      | true
            /devices?a=b/                | devices                 | false
            /d%65vices/l%61mp%2D1        | devices lamp-1          | false
            /keys/%3DBH7a%3d8%3D         | keys =BH7a=8=           | false
            /keys/=BH7a=8=               | keys =BH7a=8=           | false
            /devices/...                 | devices ...             | false
            /devices/.lamp               | devices .lamp           | false
            /a+b                         | a+b                     | false
            /devices/%26                 | devices &               | false
            """)
    void takesThePathApartAndDecodesIt(String raw, String segments, boolean trailingSlash) {
        RequestTarget target = clear(raw);

        assertThat(String.join(" ", target.segments())).isEqualTo(segments);
        assertThat(target.trailingSlash()).isEqualTo(trailingSlash);
    }

    @Test
    void keepsADecodedSpaceWithinItsSegment() {
        assertThat(clear("/devices/a%20b").segments()).containsExactly("devices", "a b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://gate/devices/lamp-1         | devices lamp-1
            http://gate:8080/devices           | devices
            HTTPS://gate/devices               | devices
            HtTp://[::1]:80/devices            | devices
            http://gate                        | ''
            http://gate?a=b                    | ''
            https://gate/                      | ''
            """)
    void takesTheAbsoluteFormForThePathInIt(String raw, String segments) {
        assertThat(String.join(" ", clear(raw).segments())).isEqualTo(segments);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://user@gate/devices     | The authority of the request target is not a host and port.
            http://gate\\@other/devices  | The authority of the request target is not a host and port.
            http://gate\\devices         | The authority of the request target is not a host and port.
            http://gate#/devices         | The request target contains a fragment.
            http://gate/devices/..       | The path contains a dot segment.
            http:/devices                | The request target does not start with a slash.
            """)
    void refusesAnAbsoluteFormInDoubt(String raw, String detail) {
        assertThat(TargetParser.parse(raw)).isEqualTo(new Parsed.Ambiguous(detail));
    }

    @Test
    void readsTheQueryOfAnAbsoluteTarget() {
        assertThat(clear("http://gate?a=b").parameters()).containsExactly(new Parameter("a", "b", "a=b"));
    }

    @Test
    void keepsTheOrderAndRepetitionOfParameters() {
        assertThat(clear("/devices?b=2&a=1&b=3&a").parameters()).containsExactly(new Parameter("b", "2", "b=2"),
                new Parameter("a", "1", "a=1"), new Parameter("b", "3", "b=3"), new Parameter("a", "", "a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices", "/devices?", "/devices?&", "/devices?&&&"})
    void treatsAnEmptyQueryAsMissing(String raw) {
        assertThat(clear(raw).parameters()).isEmpty();
    }

    @Test
    void omitsEmptyParameters() {
        assertThat(clear("/devices?&a=1&&b=2&").parameters()).extracting(Parameter::name).containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a=1;b=2        | a      | 1%3Bb%3D2      | a=1%3Bb%3D2
            a=b=c          | a      | b%3Dc          | a=b%3Dc
            a==            | a      | %3D            | a=%3D
            a              | a      | ``             | a
            a=             | a      | ``             | a=
            dev%49ds=x     | devIds | x              | dev%49ds=x
            a=%26b%3Dc     | a      | %26b%3Dc       | a=%26b%3Dc
            a=%2e%2E/..    | a      | %2e%2E/..      | a=%2e%2E/..
            a=%25%32%35    | a      | %25%32%35      | a=%25%32%35
            a=1+2?3        | a      | 1+2?3          | a=1+2?3
            a="'<>         | a      | %22%27%3C%3E   | a=%22%27%3C%3E
            a={b}[c]       | a      | %7Bb%7D%5Bc%5D | a=%7Bb%7D%5Bc%5D
            a=\\^          | a      | %5C%5E         | a=%5C%5E
            a=x y          | a      | x%20y          | a=x%20y
            a;b=c          | a;b    | c              | a%3Bb=c
            a[]=c          | a[]    | c              | a%5B%5D=c
            a%5b%5D=c      | a[]    | c              | a%5b%5D=c
            a+b=c          | a+b    | c              | a+b=c
            """)
    void makesSafeWhatIsSentOn(String query, String name, String rawValue, String raw) {
        assertThat(clear("/devices?" + query).parameters()).containsExactly(new Parameter(name, rawValue, raw));
    }

    @Test
    void limitsTheNumberOfParameters() {
        String most = "a=1" + "&a=1".repeat(255);

        assertThat(clear("/devices?" + most + "&").parameters()).hasSize(256);
        assertThat(TargetParser.parse("/devices?" + most + "&b"))
                .isEqualTo(new Parsed.Ambiguous("The query contains more than 256 parameters."));
    }

    @Test
    void encodesOtherDelimiters() {
        assertThat(clear("/devices?a=b|c`d").parameters())
                .containsExactly(new Parameter("a", "b%7Cc%60d", "a=b%7Cc%60d"));
    }

    @Test
    void encodesNonAsciiBytesInAValue() {
        assertThat(clear("/devices?title=\u00e4\u00ff\u0080").parameters())
                .containsExactly(new Parameter("title", "%E4%FF%80", "title=%E4%FF%80"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/s3cret/..", "/s3cret%zz", "/?s3cret=%00", "/s3cret#", "s3cret", "/?s3cret%25=1"})
    void neverQuotesTheTargetInAnError(String raw) {
        assertThat(TargetParser.parse(raw)).isInstanceOfSatisfying(Parsed.Ambiguous.class,
                ambiguous -> assertThat(ambiguous.detail()).doesNotContain("s3cret"));
    }

    @Test
    void decodesPercentEncodedAscii() {
        assertThat(TargetParser.decodeAscii("l%61mp%2d1%2Ca+b")).isEqualTo("lamp-1,a+b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "%80", "%00", "%0a", "ä", "\0"})
    void decodesNothingElse(String encoded) {
        assertThatIllegalArgumentException().isThrownBy(() -> TargetParser.decodeAscii(encoded));
    }

    @Test
    void returnsAnImmutableTarget() {
        List<String> segments = clear("/devices").segments();

        assertThat(segments).isUnmodifiable();
        assertThat(clear("/devices?a=b").parameters()).isUnmodifiable();
    }

    private static RequestTarget clear(String raw) {
        assertThat(TargetParser.parse(raw)).isInstanceOf(Parsed.Clear.class);
        return ((Parsed.Clear) TargetParser.parse(raw)).target();
    }
}
