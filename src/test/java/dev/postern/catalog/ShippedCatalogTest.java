package dev.postern.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.access.AccessRequest;
import dev.postern.access.DenyReason;
import dev.postern.access.DeviceId;
import dev.postern.access.StreamId;
import dev.postern.access.Streams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.io.FileSystemResource;

/** The catalogue in {@code config/application.yml}, which an operator starts from. */
class ShippedCatalogTest {
    private static Catalog catalog = Catalog.compile(Map.of());

    @BeforeAll
    static void readTheShippedFile() throws IOException {
        MutablePropertySources sources = new MutablePropertySources();
        new YamlPropertySourceLoader().load("shipped", new FileSystemResource(Path.of("config/application.yml")))
                .forEach(sources::addLast);
        catalog = Catalog.compile(new Binder(ConfigurationPropertySources.from(sources))
                .bind("postern.apis", Bindable.mapOf(String.class, ApiDefinition.class)).get());
    }

    @Test
    void hasTheApisOfOneNet() {
        assertThat(catalog.apis()).extracting(api -> api.id().value()).containsExactly("devices", "datastreams",
                "datapoints", "commands", "bindata", "triggers", "logs");
        assertThat(catalog.apis()).allSatisfy(api -> assertThat(api.backend()).isEmpty());
    }

    @ParameterizedTest(name = "{0} {1}: {2}, devices {3}, streams {4}")
    @CsvSource(delimiter = '|', textBlock = """
            POST   | /devices                                          | devices     | -           | whole device
            GET    | /devices?page=1                                   | devices     | -           | whole device
            GET    | /devices/1001                                     | devices     | 1001        | whole device
            HEAD   | /devices/1001                                     | devices     | 1001        | whole device
            PUT    | /devices/1001                                     | devices     | 1001        | whole device
            DELETE | /devices/1001                                     | devices     | 1001        | whole device
            POST   | /register_de?register_code=x                      | devices     | -           | whole device
            GET    | /devices/status?devIds=1001,1002                  | devices     | 1001 1002   | whole device
            GET    | /devices/status                                   | devices     | -           | whole device
            GET    | /devices/datapoints?devIds=1001,1002              | devices     | 1001 1002   | whole device
            GET    | /devices/datapoints                               | devices     | -           | whole device
            GET    | /devices/1001/datastreams                         | datastreams | 1001        | whole device
            GET    | /devices/1001/datastreams?datastream_ids=a,b      | datastreams | 1001        | a b
            POST   | /devices/1001/datastreams                         | datastreams | 1001        | in the body
            GET    | /devices/1001/datastreams/temp                    | datastreams | 1001        | temp
            PUT    | /devices/1001/datastreams/temp                    | datastreams | 1001        | temp
            DELETE | /devices/1001/datastreams/temp                    | datastreams | 1001        | temp
            GET    | /devices/1001/datapoints                          | datapoints  | 1001        | whole device
            GET    | /devices/1001/datapoints?datastream_id=a,b        | datapoints  | 1001        | a b
            DELETE | /devices/1001/datapoints?datastream_id=a          | datapoints  | 1001        | a
            DELETE | /devices/1001/datapoints?start=2015-01-10         | datapoints  | 1001        | whole device
            POST   | /devices/1001/datapoints?type=3                   | datapoints  | 1001        | in the body
            POST   | /cmds?device_id=1001&qos=1                        | commands    | 1001        | whole device
            POST   | /cmds                                             | commands    | -           | whole device
            GET    | /cmds/history/1001?start=2015-01-10T08:00:35      | commands    | 1001        | whole device
            GET    | /cmds/2302-a04f                                   | commands    | -           | whole device
            GET    | /cmds/2302-a04f/resp                              | commands    | -           | whole device
            POST   | /bindata?device_id=1001&datastream_id=pic         | bindata     | 1001        | pic
            POST   | /bindata?device_id=1001                           | bindata     | 1001        | whole device
            GET    | /bindata/1001_1503372720_1                        | bindata     | 1001        | whole device
            GET    | /triggers                                         | triggers    | -           | whole device
            POST   | /triggers                                         | triggers    | -           | whole device
            GET    | /triggers/7                                       | triggers    | -           | whole device
            PUT    | /triggers/7                                       | triggers    | -           | whole device
            DELETE | /triggers/7                                       | triggers    | -           | whole device
            GET    | /logs/1001                                        | logs        | 1001        | whole device
            """)
    void readsDevicesAndStreamsOfEveryOperation(String method, String target, String api, String devices,
            String streams) {
        AccessRequest request = TestCalls.read(catalog, method, target).request();

        assertThat(request.api().value()).isEqualTo(api);
        assertThat(request.devicesInBody()).isFalse();
        assertThat(request.devices()).extracting(DeviceId::value)
                .isEqualTo(devices.equals("-") ? List.of() : List.of(devices.split(" ", -1)));
        assertThat(words(request.streams())).isEqualTo(streams);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /keys                          | operation_unknown
            GET    | /                              | operation_unknown
            GET    | /devices/1001/keys             | operation_unknown
            GET    | /devices/status/datapoints     | operation_unknown
            GET    | /actuator/health               | operation_unknown
            DELETE | /devices                       | method_unknown
            DELETE | /devices/status                | method_unknown
            PUT    | /devices/datapoints            | method_unknown
            GET    | /register_de                   | method_unknown
            GET    | /cmds                          | method_unknown
            GET    | /cmds/history                  | operation_unknown
            POST   | /cmds/history/1001             | method_unknown
            GET    | /bindata/pic                   | request_ambiguous
            GET    | /devices/status?devids=1001    | request_ambiguous
            GET    | /devices/status?devIds=        | request_ambiguous
            POST   | /cmds?deviceId=1&Device_ID=2   | request_ambiguous
            """)
    void refusesWhatIsNotAmongItsOperations(String method, String target, String reason) {
        assertThat(TestCalls.refused(catalog, method, target).denied().reason().word()).isEqualTo(reason);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            POST   | /devices                     | registers data.device_id
            POST   | /register_de?register_code=x | registers data.device_id
            DELETE | /devices/1001                | removes 1001
            GET    | /devices                     | nothing
            HEAD   | /devices                     | nothing
            GET    | /devices/1001                | nothing
            HEAD   | /devices/1001                | nothing
            PUT    | /devices/1001                | nothing
            POST   | /devices/1001/datastreams    | nothing
            DELETE | /devices/1001/datapoints     | nothing
            DELETE | /triggers/7                  | nothing
            """)
    void knowsWhichCallsChangeTheDevicesOfAnAccount(String method, String target, String effect) {
        assertThat(switch (TestCalls.read(catalog, method, target).effect()) {
            case DeviceEffect.None() -> "nothing";
            case DeviceEffect.Registers(var id) -> "registers " + id;
            case DeviceEffect.Removes(var device) -> "removes " + device;
        }).isEqualTo(effect);
    }

    @Test
    void readsTheStreamsInBodies() {
        assertThat(completed("/devices/1001/datastreams", "{\"id\":\"temp\",\"unit\":\"celsius\"}"))
                .isEqualTo("temp");
        assertThat(completed("/devices/1001/datapoints", "{\"datastreams\":[{\"id\":\"temp\",\"datapoints\":[]}]}"))
                .isEqualTo("temp");
        assertThat(completed("/devices/1001/datapoints?type=3", "{\"temp\":22.5}")).isEqualTo("temp");
        assertThat(completed("/devices/1001/datapoints?type=4", "{\"temp\":{\"2015-03-22T22:31:12\":22.5}}"))
                .isEqualTo("temp");
        assertThat(completed("/devices/1001/datapoints?type=5", ",;temp,2015-03-22T22:31:12,22.5;pm2.5,89"))
                .isEqualTo("temp pm2.5");
    }

    @Test
    void refusesAmbiguousBodies() {
        Reading.Read read = TestCalls.read(catalog, "POST", "/devices/1001/datastreams");

        assertThat(read.bodyIds().read(read.request(), new byte[0])).isEqualTo(
                new BodyIds.Outcome.Unreadable(DenyReason.BODY_UNREADABLE, "The body is empty."));
    }

    private static String completed(String target, String body) {
        Reading.Read read = TestCalls.read(catalog, "POST", target);
        BodyIds.Outcome outcome = read.bodyIds().read(read.request(), body.getBytes(StandardCharsets.UTF_8));
        assertThat(outcome).isInstanceOf(BodyIds.Outcome.Complete.class);
        return words(((BodyIds.Outcome.Complete) outcome).request().streams());
    }

    private static String words(Streams streams) {
        return switch (streams) {
            case Streams.WholeDevice() -> "whole device";
            case Streams.InBody(var besides) -> besides.isEmpty() ? "in the body" : "in the body, besides " + besides;
            case Streams.Named(var named) -> named.stream().map(StreamId::value).collect(Collectors.joining(" "));
        };
    }
}
