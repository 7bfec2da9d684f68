package dev.postern.catalog;

import static dev.postern.catalog.TestCalls.operation;
import static dev.postern.catalog.TestCalls.read;
import static dev.postern.catalog.TestCalls.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms that a catalogue requires of IDs, in every place that can hold an ID. */
class IdFormTest {
    private static final String DIGITS = "an ID of 1 to 128 decimal digits without leading zeros";
    private static final Catalog CATALOG = catalog("digits", "lower");

    private static Catalog catalog(@Nullable String deviceIds, @Nullable String streamIds) {
        return Catalog.compile(Map.of("test", new ApiDefinition(null, null,
                List.of(operation("GET,PUT /devices/{device}/streams/{stream}"),
                        operation("GET /status", List.of("query:devIds"), List.of("query:streams")),
                        operation("GET /by-header", List.of("header:X-Device"), List.of("header:X-Stream")),
                        operation("POST /batch", List.of("body:devices[]"), List.of("body:streams[]")),
                        operation("POST /devices/{device}/datapoints", List.of(), List.of("body:onenet-datapoints")),
                        operation("GET /bindata/{device:digits}_{index}"), operation("GET /cmds/{command}")),
                List.of(), deviceIds, streamIds)));
    }

    @ParameterizedTest
    @CsvSource({"0, true", "7, true", "39593230, true", "18446744073709551617, true", "00, false", "007, false",
            "+7, false", "-7, false", "7.0, false", "7_, false", "0x7, false", "7a, false", "lamp, false", "'', false",
            "\u0667, false", "., false"})
    void digitsAreDecimalWithoutLeadingZerosOrSign(String id, boolean taken) {
        assertThat(IdForm.DIGITS.takes(id)).isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource({"lamp-1, true", "007, true", "pm2.5, true", "Lamp-1, false", "lamp-1A, false", "l\u00e4mp, false",
            "'', false", ".., false"})
    void lowerHasNoUpperCaseLetters(String id, boolean taken) {
        assertThat(IdForm.LOWER.takes(id)).isEqualTo(taken);
    }

    @Test
    void hasTheSameMaximumLengthAsOtherForms() {
        assertThat(IdForm.DIGITS.takes("1".repeat(128))).isTrue();
        assertThat(IdForm.DIGITS.takes("1".repeat(129))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /devices/7/streams/temp             | 7
            /status?devIds=7,12&streams=temp    | 7 12
            /status                             | ''
            /bindata/7_Index007                 | 7
            /bindata/0_0                        | 0
            /cmds/ABC-007                       | ''
            """)
    void takesIdsInTheirForm(String target, String devices) {
        assertThat(read(CATALOG, "GET", target).request().devices()).extracting(DeviceId::value)
                .isEqualTo(devices.isEmpty() ? List.of() : List.of(devices.split(" ", -1)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /devices/007/streams/temp           | The path does not contain
            /devices/+7/streams/temp            | The path does not contain
            /devices/%30%37/streams/temp        | The path does not contain
            /status?devIds=7,007                | The parameter devIds does not contain
            /status?devIds=7&devIds=-7          | The parameter devIds does not contain
            /bindata/007_1503372720_1           | The path does not contain
            /bindata/00_1                       | The path does not contain
            """)
    void refusesDeviceIdsInAnotherForm(String target, String place) {
        assertThat(refused(CATALOG, "GET", target).denied()).isEqualTo(new AccessDecision.Denied(
                DenyReason.REQUEST_AMBIGUOUS, place + " " + DIGITS + " where one is required."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/devices/7/streams/Temp", "/status?streams=temp,HUM"})
    void refusesStreamIdsInAnotherForm(String target) {
        assertThat(refused(CATALOG, "GET", target).denied().detail())
                .endsWith("an ID of 1 to 128 characters of a-z 0-9 . _ : ~ - where one is required.");
    }

    @Test
    void refusesHeadersWithIdsInAnotherForm() {
        assertThat(read(CATALOG, "GET", "/by-header", Map.of("X-Device", List.of("7, 12"), "X-Stream", List.of("temp")))
                .request().devices()).hasSize(2);
        assertThat(refused(CATALOG, "GET", "/by-header", Map.of("X-Device", List.of("7, 012"))).denied().detail())
                .isEqualTo("The header X-Device does not contain " + DIGITS + " where one is required.");
        assertThat(refused(CATALOG, "GET", "/by-header", Map.of("X-Stream", List.of("Temp"))).denied().reason())
                .isEqualTo(DenyReason.REQUEST_AMBIGUOUS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /batch                           | {"devices":["7",12],"streams":["temp"]}   | true
            /batch                           | {"devices":["007"]}                       | false
            /batch                           | {"devices":["+7"]}                        | false
            /batch                           | {"devices":["7"],"streams":["Temp"]}      | false
            /devices/7/datapoints            | {"datastreams":[{"id":"temp"}]}           | true
            /devices/7/datapoints            | {"datastreams":[{"id":"Temp"}]}           | false
            /devices/7/datapoints?type=3     | {"temp":1}                                | true
            /devices/7/datapoints?type=3     | {"temp":1,"Temp":2}                       | false
            /devices/7/datapoints?type=4     | {"TEMP":{"2015":2}}                       | false
            /devices/7/datapoints?type=5     | ,;temp,22.5                               | true
            /devices/7/datapoints?type=5     | ,;temp,22.5;Hum,40                        | false
            """)
    void holdsTheIdsOfABodyToTheirForm(String target, String body, boolean readable) {
        Reading.Read read = read(CATALOG, "POST", target);
        BodyIds.Outcome outcome = read.bodyIds().read(read.request(), body.getBytes(StandardCharsets.UTF_8));

        assertThat(outcome)
                .isInstanceOf(readable ? BodyIds.Outcome.Complete.class : BodyIds.Outcome.Unreadable.class);
        if (outcome instanceof BodyIds.Outcome.Unreadable(var reason, var detail)) {
            assertThat(reason).isEqualTo(DenyReason.BODY_UNREADABLE);
            assertThat(detail).startsWith("The body does not contain an ID of 1 to 128 ");
        }
    }

    @Test
    void acceptsAnyIdWithoutAForm() {
        Catalog any = catalog(null, null);

        assertThat(read(any, "GET", "/status?devIds=7,007,Lamp").request().devices()).hasSize(3);
        assertThat(read(any, "GET", "/bindata/007_1").request().devices()).containsExactly(new DeviceId("007"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "digit", "Digits", "upper", "digits,lower", "[0-9]+"})
    void isDigitsOrLower(String form) {
        assertThatExceptionOfType(CatalogException.class).isThrownBy(() -> catalog(form, null))
                .withMessage("postern.apis.test.device-ids: '" + form + "' is neither 'digits' nor 'lower'");
        assertThatExceptionOfType(CatalogException.class).isThrownBy(() -> catalog("digits", form))
                .withMessage("postern.apis.test.stream-ids: '" + form + "' is neither 'digits' nor 'lower'");
    }
}
