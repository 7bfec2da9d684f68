package dev.postern.catalog;

import static dev.postern.catalog.TestCalls.catalog;
import static dev.postern.catalog.TestCalls.operation;
import static dev.postern.catalog.TestCalls.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.access.Streams;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyIdsTest {
    private static final Catalog CATALOG = catalog(
            operation("POST /devices/{device}/datapoints", List.of(), List.of("body:onenet-datapoints")),
            operation("POST /devices/{device}/datastreams", List.of(), List.of("body:id")),
            operation("POST /batch", List.of("body:items[].target.device"), List.of("body:items[].streams[]")),
            operation("POST /both/{device}", List.of("body:also", "query:device_id"),
                    List.of("query:stream_id", "body:id")),
            operation("POST /cmds", List.of("query:device_id"), List.of("query:stream_id")),
            operation("POST /plain/{device}"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``        | {"datastreams":[{"id":"temp","datapoints":[{"at":"2015","value":1}]}]}  | temp
            type=1    | {"datastreams":[{"id":"temp"},{"id":"hum"},{"id":"temp"}]}              | temp hum temp
            type=1    | {"datastreams":[{"id":"temp",},],}                                      | temp
            type=1    | {"title":"x","datastreams":[{"datapoints":[],"id":"temp"}]}             | temp
            type=1    | {"datastreams":[{"id":7}]}                                              | 7
            type=3    | {"temp":22.5}                                                           | temp
            type=3    | {"temp":22.5,"hum":{"x":1},"on":null}                                   | temp hum on
            type=4    | {"temp":{"2015-03-22T22:31:12":22.5},"hum":{"2015-03-22T22:31:12":40}}  | temp hum
            type=5    | ,;temp,2015-03-22T22:31:12,22.5;pm2.5,89                                | temp pm2.5
            type=5    | ,;temp,2015-03-22T22:31:12,22.5;                                        | temp
            type=5    | ,;temp,22.5;temp,23                                                     | temp temp
            type=5    | #@temp#22,5@hum#4;0                                                     | temp hum
            type=5    | :.temp:22.hum:40                                                        | temp hum
            type=5&a=1| ,;temp,1                                                                | temp
            """)
    void readsTheStreamsOfEachTypeOfDataPoints(String query, String body, String streams) {
        assertThat(complete("/devices/lamp-1/datapoints?" + query, body).streams()).isEqualTo(named(streams));
    }

    @Test
    void readsOneRecordPerLine() {
        assertThat(complete("/devices/lamp-1/datapoints?type=5", ",;temp,22.5;hum,40;\r\n").streams())
                .isEqualTo(named("temp hum"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type=1    | {"datastreams":[]}
            type=3    | {}
            type=4    | {}
            type=5    | ,;;
            type=5    | `,; `
            """)
    void takesABodyThatNamesNoStreamForTheWholeDevice(String query, String body) {
        assertThat(complete("/devices/lamp-1/datapoints?" + query, body).streams())
                .isEqualTo(new Streams.WholeDevice());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            # a member that stands twice
            type=1 | {"datastreams":[{"id":"temp","id":"hum"}]}
            type=1 | {"datastreams":[{"id":"temp"}],"datastreams":[{"id":"hum"}]}
            type=1 | {"a":{"b":1,"b":2},"datastreams":[{"id":"temp"}]}
            type=1 | {"datastreams":[{"id":"temp","\\u0069d":"hum"}]}
            type=3 | {"temp":1,"temp":2}
            type=4 | {"temp":{"a":1,"a":2}}
            # text after the value
            type=1 | {"datastreams":[{"id":"temp"}]} {"datastreams":[{"id":"hum"}]}
            type=1 | {"datastreams":[{"id":"temp"}]}x
            type=3 | {"temp":1}}
            type=3 | {"temp":1}[]
            # what is no JSON
            type=3 | {"temp":1
            type=3 | {temp:1}
            type=3 | {'temp':1}
            type=3 | {"temp":1,,}
            type=3 | {"temp":NaN}
            type=3 | {"temp":01}
            type=3 | {"temp":1/**/}
            type=3 | {"temp":1} // hum
            type=3 | ,;temp,22.5
            type=1 | temp
            """)
    void doesNotReadJsonInDoubt(String query, String body) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query, bytes(body)))
                .startsWith("The body is not valid JSON, or is ambiguous");
    }

    @Test
    void locatesAmbiguousJsonWithoutQuotingIt() {
        assertThat(unreadable("/devices/lamp-1/datapoints?type=3", bytes("{\"s3cret\":1,\n\"s3cret\":2}")))
                .matches("The body is not valid JSON, or is ambiguous at line 2, column \\d+\\.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type=1 | {"Datastreams":[{"id":"temp"}]}                            | datastreams
            type=1 | {"datastreams":[{"id":"temp"}],"DATASTREAMS":[]}           | datastreams
            type=1 | {"datastreams":[{"id":"temp","ID":"hum"}]}                 | id
            type=1 | {"datastreams":[{"Id":"hum"}]}                             | id
            type=1 | {"datastreams":[{"id":"temp"," id":"hum"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","id\\t":"hum"}]}              | id
            type=1 | {"datastreams":[{"id":"temp","\\u0131d":"hum"}]}           | id
            type=1 | {"data\\u017ftreams":[],"datastreams":[{"id":"temp"}]}     | datastreams
            type=1 | {"datastreams":[{"id":"temp","_id":"hum"}]}                | id
            type=1 | {"datastreams":[{"_id":"hum","id":"temp"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","i_d":"hum"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","i-D":"hum"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","id_":"hum"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","\\u005fid":"hum"}]}          | id
            type=1 | {"datastreams":[{"id":"temp","\\u0069\\u005fd":"hum"}]}    | id
            type=1 | {"datastreams":[{"id":"temp","i d":"hum"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","i.d":"hum"}]}                | id
            type=1 | {"datastreams":[{"id":"temp","id[]":"hum"}]}               | id
            type=1 | {"datastreams":[{"id":"temp","\\u00a0id":"hum"}]}          | id
            type=1 | {"datastreams":[{"id":"temp","i\\u200bd":"hum"}]}          | id
            type=1 | {"datastreams":[{"id":"temp"},{"id":"temp","_id":"hum"}]}  | id
            type=1 | {"datastreams":[{"i_d":"hum"}]}                            | id
            type=1 | {"data_streams":[{"id":"hum"}],"datastreams":[{"id":"temp"}]} | datastreams
            type=1 | {"datastreams":[{"id":"temp"}],"data-streams":7}           | datastreams
            type=1 | {"datastreams":[{"id":"temp"}],"dataStreams[0]":7}         | datastreams
            type=1 | {"data_streams":[{"id":"hum"}]}                            | datastreams
            """)
    void doesNotReadAMemberThatSomeServersTakeForAnother(String query, String body, String member) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query, bytes(body)))
                .isEqualTo("The body contains another spelling of the member '" + member + "'.");
    }

    /** Each member name is an ID, and must be permitted exactly as it is spelled. */
    @Test
    void readsMemberNamesAsStreamsLiterally() {
        for (String type : List.of("3", "4")) {
            assertThat(complete("/devices/lamp-1/datapoints?type=" + type, "{\"id\":1,\"_id\":2,\"ID\":3,\"i-d\":4}")
                    .streams()).isEqualTo(named("id _id ID i-d"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"datastreams":[{"id":"temp","tags":["a"],"unit":"C","unit_symbol":"C","uuid":"x","ids":[],"idx":1}]}
            {"datastreams":[{"id":"temp","datapoints":[{"at":"2015","value":{"_id":"x","ID":1}}]}]}
            {"device_id":"b","id":"x","_id":"y","data":{},"streams":[],"datastreams":[{"id":"temp"}]}
            {"datastreams":[{"id":"temp","@id":"x","$id":"y","\\u7f16\\u53f7id":1}],"datastream":[]}
            """)
    void readsABodyWithMembersThatHaveNothingToDoWithIt(String body) {
        assertThat(complete("/devices/lamp-1/datapoints", body).streams()).isEqualTo(named("temp"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"items":[{"target":{"device":"a"}}],"it_ems":[{"target":{"device":"b"}}]}     | items
            {"items":[{"target":{"device":"a"},"Target":{"device":"b"}}]}                  | target
            {"items":[{"target":{"device":"a"}},{"tar_get":{"device":"b"}}]}               | target
            {"items":[{"target":{"device":"a","_device":"b"}}]}                            | device
            {"items":[{"target":{"device":"a"},"stream_s":["y"]}]}                         | streams
            """)
    void doesNotReadATwinAtAnyLevel(String body, String member) {
        assertThat(unreadable("/batch", bytes(body)))
                .isEqualTo("The body contains another spelling of the member '" + member + "'.");
    }

    @Test
    void distinguishesMembersThatTheCatalogueDistinguishes() {
        Catalog both = catalog(operation("POST /both", List.of("body:device_id", "body:deviceId"), List.of()));
        Reading.Read read = read(both, "POST", "/both");

        assertThat(read.bodyIds().read(read.request(), bytes("{\"device_id\":\"a\",\"deviceId\":\"b\"}")))
                .isInstanceOfSatisfying(BodyIds.Outcome.Complete.class, complete -> assertThat(complete.request()
                        .devices()).containsExactly(new DeviceId("a"), new DeviceId("b")));
        assertThat(read.bodyIds().read(read.request(), bytes("{\"device_id\":\"a\",\"DeviceId\":\"b\"}")))
                .isInstanceOf(BodyIds.Outcome.Unreadable.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type=1 | {}                                  | The body has no member 'datastreams'.
            type=1 | {"temp":22.5}                       | The body has no member 'datastreams'.
            type=1 | {"datastreams":[{}]}                | The body has no member 'id'.
            type=1 | {"datastreams":[{"id":"a"},{"x":1}]}| The body has no member 'id'.
            type=1 | {"datastreams":{"id":"temp"}}       | The member 'datastreams' of the body is not a list.
            type=1 | {"datastreams":null}                | The member 'datastreams' of the body is not a list.
            type=1 | {"datastreams":["temp"]}            | The body has no object where 'id' is expected.
            type=1 | {"datastreams":[[{"id":"temp"}]]}   | The body has no object where 'id' is expected.
            type=1 | {"datastreams":[null]}              | The body has no object where 'id' is expected.
            type=1 | [{"id":"temp"}]                     | The body has no object where 'datastreams' is expected.
            type=1 | "temp"                              | The body has no object where 'datastreams' is expected.
            type=1 | null                                | The body has no object where 'datastreams' is expected.
            type=1 | {"datastreams":[{"id":null}]}       | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=1 | {"datastreams":[{"id":true}]}       | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=1 | {"datastreams":[{"id":1.0}]}        | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=1 | {"datastreams":[{"id":1e2}]}        | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=1 | {"datastreams":[{"id":-1}]}         | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=1 | {"datastreams":[{"id":["temp"]}]}   | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=1 | {"datastreams":[{"id":{"a":"b"}}]}  | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            type=3 | ["temp"]                            | The body is not a JSON object.
            type=3 | "temp"                              | The body is not a JSON object.
            type=4 | [{"temp":1}]                        | The body is not a JSON object.
            type=4 | null                                | The body is not a JSON object.
            """)
    void doesNotReadABodyOfAnotherShape(String query, String body, String detail) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query, bytes(body))).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type=1 | {"datastreams":[{"id":""}]}
            type=1 | {"datastreams":[{"id":"te mp"}]}
            type=1 | {"datastreams":[{"id":"temp,hum"}]}
            type=1 | {"datastreams":[{"id":"t\\u00e9mp"}]}
            type=1 | {"datastreams":[{"id":"temp\\u0000"}]}
            type=1 | {"datastreams":[{"id":".."}]}
            type=3 | {"":1}
            type=3 | {"temp":1," hum":2}
            type=3 | {"t\\u00e9mp":1}
            type=4 | {"te/mp":{}}
            type=5 | ,;,22.5
            type=5 | ,; temp,22.5
            type=5 | ,;te mp,22.5
            type=5 | ,;temp,22.5;,1
            type=5 | ,;"temp",22.5
            """)
    void doesNotTakeWhatIsNoIdForOne(String query, String body) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query, bytes(body)))
                .isEqualTo(
                        "The body does not contain an ID of 1 to 128 characters of A-Z a-z 0-9 . _ : ~ - where one is required.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551617",
            "999999999999999999999999999999999999999999"})
    void refusesNumbersThatSomeReadersRound(String number) {
        assertThat(unreadable("/devices/lamp-1/datapoints", bytes("{\"datastreams\":[{\"id\":" + number + "}]}")))
                .isEqualTo("An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.");
    }

    @Test
    void acceptsExactNumbersAsIds() {
        assertThat(complete("/devices/lamp-1/datapoints", "{\"datastreams\":[{\"id\":9007199254740992},{\"id\":0}]}")
                .streams()).isEqualTo(named("9007199254740992 0"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type=1 | {"datastreams":[{"id":"temp","id\\u0000":"hum"}]}        | id
            type=1 | {"datastreams":[{"id":"temp","id\\u0000x":"hum"}]}       | id
            type=1 | {"datastreams":[{"id":"temp","i\\u0001d":"hum"}]}        | id
            type=1 | {"datastreams\\n":[],"datastreams":[{"id":"temp"}]}      | datastreams
            """)
    void doesNotReadAMemberWithControlsInItsName(String query, String body, String member) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query, bytes(body)))
                .isEqualTo("The body contains another spelling of the member '" + member + "'.");
    }

    @Test
    void refusesControlCharacters() {
        assertThat(unreadable("/devices/lamp-1/datapoints?type=5", bytes(",;temp,22.5;\0hum,1")))
                .isEqualTo("The body contains a control character.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            application/x-www-form-urlencoded | title=x&device_id=b     | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | DEVICE_ID=b             | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | device%5Fid=b           | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | device_id[]=b           | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | a=1;device.id=b         | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | device_id               | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | deviceId=b              | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | a=1&_device-Id=b        | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | device_id%00x=b         | The body repeats the parameter device_id of the query.
            application/x-www-form-urlencoded | %C5%BFtream_id=y        | The body repeats the parameter stream_id of the query.
            application/json                  | {"deviceId":"b"}        | The body repeats the parameter device_id of the query.
            application/json                  | {"device\\u005fid":"b"}  | The body repeats the parameter device_id of the query.
            application/json                  | {"\\u017ftreamId":"b"}   | The body repeats the parameter stream_id of the query.
            `text/plain, image/png`           | x                       | The body has more than one Content-Type.
            application/x-www-form-urlencoded | stream_id=y             | The body repeats the parameter stream_id of the query.
            application/x-www-form-urlencoded | _method=DELETE          | The body overrides the method.
            application/x-www-form-urlencoded | {"device_id":"b"}       | The body repeats the parameter device_id of the query.
            application/json                  | {"device_id":"b"}       | The body repeats the parameter device_id of the query.
            application/json                  | {"a":1,"Stream_Id":"y"} | The body repeats the parameter stream_id of the query.
            application/json                  | {"_method":"DELETE"}    | The body overrides the method.
            multipart/form-data; boundary=x   | --x                     | A multipart body may repeat IDs of the query. \
            Send it as application/octet-stream.
            """)
    void doesNotReadABodyThatRepeatsIdsOfTheQuery(String contentType, String body, String detail) {
        Reading.Read read = withContentType(contentType);
        assertThat(read.request().bodyUnchecked()).isTrue();

        assertThat(read.bodyIds().read(read.request(), bytes(body)))
                .isEqualTo(new BodyIds.Outcome.Unreadable(DenyReason.BODY_UNREADABLE, detail));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            application/x-www-form-urlencoded | title=device_id&device=b
            application/x-www-form-urlencoded | method=DELETE&device_ids=b&%C5%BF=1
            application/x-www-form-urlencoded | 100%=x&%zz=1
            application/x-www-form-urlencoded | ``
            application/json                  | {"title":"device_id","nested":{"device_id":"b"}}
            application/json                  | [{"device_id":"b"}]
            application/json                  | ``
            multipart/form-data; boundary=x   | ``
            """)
    void readsABodyThatRepeatsNothing(String contentType, String body) {
        Reading.Read read = withContentType(contentType);

        assertThat(read.bodyIds().read(read.request(), bytes(body)))
                .isInstanceOfSatisfying(BodyIds.Outcome.Complete.class, complete -> {
                    assertThat(complete.request().bodyUnchecked()).isFalse();
                    assertThat(complete.request().devices()).containsExactly(new DeviceId("a"));
                    assertThat(complete.request().streams()).isEqualTo(named("x"));
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            temp,22.5                  | The body does not start with two different separators.
            ,,temp,22.5                | The body does not start with two different separators.
            ,                          | The body does not start with two different separators.
            ,;                         | The body does not start with two different separators.
            ` ,;temp,1`                | The body does not start with two different separators.
            a;tempa1                   | The body does not start with two different separators.
            ,1temp,22                  | The body does not start with two different separators.
            %;temp%22                  | The body does not start with two different separators.
            \\;temp                    | The body does not start with two different separators.
            ,;temp                     | A record of the body has no field after its stream ID.
            ,;temp,1;hum               | A record of the body has no field after its stream ID.
            ,;;temp,1                  | A record of the body has no field after its stream ID.
            ,;temp,1;;hum,2            | A record of the body has no field after its stream ID.
            {"datastreams":[]}         | A record of the body has no field after its stream ID.
            """)
    void doesNotReadTextWhoseRecordsAreInDoubt(String body, String detail) {
        assertThat(unreadable("/devices/lamp-1/datapoints?type=5", bytes(body))).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            type=             | The type of the data points is not 1, 3, 4 or 5.
            type              | The type of the data points is not 1, 3, 4 or 5.
            type=0            | The type of the data points is not 1, 3, 4 or 5.
            type=2            | The type of the data points is not 1, 3, 4 or 5.
            type=6            | The type of the data points is not 1, 3, 4 or 5.
            type=03           | The type of the data points is not 1, 3, 4 or 5.
            type=3,5          | The type of the data points is not 1, 3, 4 or 5.
            type=%33          | The type of the data points is not 1, 3, 4 or 5.
            type=+3           | The type of the data points is not 1, 3, 4 or 5.
            type=1;type=3     | The type of the data points is not 1, 3, 4 or 5.
            type=3&type=3     | The type of the data points is given more than once.
            type=1&type=3     | The type of the data points is given more than once.
            typ%65=1&type=3   | The type of the data points is given more than once.
            """)
    void doesNotReadDataPointsOfATypeInDoubt(String query, String detail) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query,
                bytes("{\"datastreams\":[{\"id\":\"temp\"}]}"))).isEqualTo(detail);
    }

    @ParameterizedTest
    @MethodSource("notUtf8")
    void refusesInvalidUtf8(String query, byte[] body) {
        assertThat(unreadable("/devices/lamp-1/datapoints?" + query, body)).isEqualTo("The body is not UTF-8.");
    }

    static Stream<Arguments> notUtf8() {
        return Stream.of(
                Arguments.of("type=3", "{\"tempä\":1}".getBytes(StandardCharsets.ISO_8859_1)),
                Arguments.of("type=3", "{\"temp\":1}".getBytes(StandardCharsets.UTF_16)),
                Arguments.of("type=5", ",;temp,ä".getBytes(StandardCharsets.ISO_8859_1)),
                Arguments.of("type=5", new byte[]{',', ';', (byte) 0xc0, (byte) 0xaf, ',', '1'}),
                Arguments.of("type=1", new byte[]{(byte) 0xff}));
    }

    @Test
    void refusesUtf16ThatIsAlsoValidUtf8() {
        assertThat(unreadable("/devices/lamp-1/datapoints?type=3",
                "{\"temp\":1}".getBytes(StandardCharsets.UTF_16LE)))
                .startsWith("The body is not valid JSON, or is ambiguous");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t "})
    void refusesAnEmptyBody(String body) {
        assertThat(unreadable("/devices/lamp-1/datapoints", bytes(body))).isEqualTo("The body is empty.");
        assertThat(unreadable("/devices/lamp-1/datapoints?type=5", bytes(body)))
                .isEqualTo("The body does not start with two different separators.");
    }

    @Test
    void refusesDeeplyNestedJson() {
        assertThat(unreadable("/devices/lamp-1/datapoints?type=3",
                bytes("{\"temp\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}")))
                .startsWith("The body is not valid JSON, or is ambiguous");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"items":[{"target":{"device":"a"},"streams":["x","y"]},{"target":{"device":"b"}}]} | a b | x y
            {"items":[{"target":{"device":"a"}}]}                                               | a   | ``
            {"items":[{"target":{}},{"target":{"device":39593230}}]}                            | 39593230 | ``
            {"items":[]}                                                                        | ``  | ``
            {}                                                                                  | ``  | ``
            {"items":[{"streams":[]}]}                                                          | ``  | ``
            """)
    void readsIdsAtAPathOfLists(String body, String devices, String streams) {
        AccessRequest request = complete("/batch", body);

        assertThat(request.devicesInBody()).isFalse();
        assertThat(request.devices()).extracting(DeviceId::value)
                .isEqualTo(devices.isEmpty() ? List.of() : List.of(devices.split(" ", -1)));
        assertThat(request.streams()).isEqualTo(streams.isEmpty() ? new Streams.WholeDevice() : named(streams));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"items":{}}                                   | The member 'items' of the body is not a list.
            {"items":[{"target":"a"}]}                     | The body has no object where 'device' is expected.
            {"items":[{"target":null}]}                    | The body has no object where 'device' is expected.
            {"items":[{"target":{"device":["a"]}}]}        | An ID in the body is neither a string nor a whole number from 0 to 9007199254740992.
            {"items":[{"target":{"device":"a"},"streams":"x"}]} | The member 'streams' of the body is not a list.
            {"items":[{"target":{"device":"a"},"streams":[1.5]}]} | An ID in the body is neither a string nor a \
            whole number from 0 to 9007199254740992.
            {"Items":[]}                                   | The body contains another spelling of the member 'items'.
            {"items":[{"Target":{"device":"b"}}]}          | The body contains another spelling of the member 'target'.
            """)
    void doesNotReadAPathThatTheBodyDoesNotFollow(String body, String detail) {
        assertThat(unreadable("/batch", bytes(body))).isEqualTo(detail);
    }

    @Test
    void combinesTheIdsOfBodyAndTarget() {
        AccessRequest request = complete("/both/a?device_id=b&stream_id=x", "{\"also\":\"c\",\"id\":\"y\"}");

        assertThat(request.devices()).extracting(DeviceId::value).containsExactly("a", "b", "c");
        assertThat(request.streams()).isEqualTo(named("x y"));
    }

    @Test
    void leavesARequestWithoutBodyIdsUnchanged() {
        Reading.Read read = read(CATALOG, "POST", "/plain/lamp-1");
        BodyIds.Outcome unchanged = new BodyIds.Outcome.Complete(read.request());

        assertThat(read.bodyIds().read(read.request(), new byte[]{(byte) 0xff})).isEqualTo(unchanged);
    }

    @Test
    void treatsABodyWithoutStreamsAsTheWholeDevice() {
        assertThat(complete("/devices/lamp-1/datastreams", "{\"tags\":[]}").streams())
                .isEqualTo(new Streams.WholeDevice());
    }

    private static Reading.Read withContentType(String contentType) {
        return read(CATALOG, "POST", "/cmds?device_id=a&stream_id=x", Map.of("Content-Type", List.of(contentType)));
    }

    private static AccessRequest complete(String target, String body) {
        Reading.Read read = read(CATALOG, "POST", target);
        BodyIds.Outcome outcome = read.bodyIds().read(read.request(), bytes(body));
        assertThat(outcome).isInstanceOf(BodyIds.Outcome.Complete.class);
        return ((BodyIds.Outcome.Complete) outcome).request();
    }

    private static String unreadable(String target, byte[] body) {
        Reading.Read read = read(CATALOG, "POST", target);
        BodyIds.Outcome outcome = read.bodyIds().read(read.request(), body);
        assertThat(outcome).isInstanceOf(BodyIds.Outcome.Unreadable.class);
        BodyIds.Outcome.Unreadable unreadable = (BodyIds.Outcome.Unreadable) outcome;
        assertThat(unreadable.reason()).isEqualTo(DenyReason.BODY_UNREADABLE);
        return unreadable.detail();
    }

    private static byte[] bytes(String body) {
        return body.getBytes(StandardCharsets.UTF_8);
    }

    private static Streams named(String streams) {
        return new Streams.Named(Stream.of(streams.split(" ", -1)).map(StreamId::new).toList());
    }
}
