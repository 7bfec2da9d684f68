package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recognizes parameter names as fastjson, Go, Jackson, Newtonsoft, PHP, Rack, qs and readers in C do. */
class ParameterNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"device_id", "Device_Id", "DEVICE_ID", "deviceId", "DeviceID", "deviceid", "device-id",
            "device.id", "device id", "device+id", "_device_id", "__deviceId", "device_id_", "d_e_v_i_c_e_i_d",
            "-device-id", ".device_id", " device_id", "device_id ", "?device_id", "device_id[]", "device_id[0]",
            "device_id[a][b]", "[device_id]", "device[id", "device_id.0", "device_id\0", "device_id\0x",
            "device\0_id", "\tdevice_id", "device_id\n", "device\u0001id", "device\u007fid", "DEV\u0130CE_\u0130D",
            "dev\u0131ce_\u0131d", "device\u00a0id", "device\u3000id", "device\u200bid", "\ufeffdevice_id",
            "device_id\u0301", "\uff44\uff45\uff56\uff49\uff43\uff45\uff3f\uff49\uff44", "device\uff3fid"})
    void takesForTheSameWhatSomeServerReadsAsTheName(String actual) {
        for (String expected : new String[]{"device_id", "deviceId", "DEVICE-ID"}) {
            assertThat(ParameterNames.alike(expected, actual)).as(expected).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"datastreams, data\u017ftreams", "datastreams, data_\u017f_treams", "kind, \u212aind",
            "address, addre\u00df", "file, \ufb01le", "type, \u24e3\u24e8\u24df\u24d4"})
    void foldsUnicodeLookalikesIntoAscii(String expected, String actual) {
        assertThat(ParameterNames.alike(expected, actual)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"device_id, device", "device_id, device_ids", "device_id, xdevice_id", "device_id, id", "id, device_id",
            "device_id, a[device_id]", "device_id, device_idx.y", "device_id, deviceid2", "device_id, device/id",
            "device_id, device:id", "device_id, ''", "id, '{\"id\":\"x\"'", "id, uid", "id, ids", "id, idx", "id, grid",
            "id, id\u00e9e", "id, \u7f16\u53f7id", "id, @id", "id, $id", "type, datatype", "type, types",
            "type, t\u00fdpe", "datastreams, datastream", "datastreams, datapoints", "temp, temp2"})
    void leavesOtherNamesAlone(String expected, String actual) {
        assertThat(ParameterNames.alike(expected, actual)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"_method", "_METHOD", "_Method[]", ".method", " _method", "[_method]", "_method\0x",
            "X-HTTP-Method-Override", "x_http_method", "X-Method-Override"})
    void recognizesParametersThatOverrideTheMethod(String name) {
        assertThat(ParameterNames.overridesMethod(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"method", "Method", "methods", "_methods", "http_method", "x-method", "", "[]"})
    void doesNotMistakeOrdinaryParametersForAMethod(String name) {
        assertThat(ParameterNames.overridesMethod(name)).isFalse();
    }
}
