package dev.postern.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.access.Action;
import dev.postern.access.DeviceId;
import dev.postern.access.Limits;
import dev.postern.access.StreamId;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialCodecTest {
    private static final String KEY = "postern:credential:index";
    private static final AccountId ACME = new AccountId("acme");
    private static final Instant CREATED = Instant.ofEpochMilli(1_503_372_720_123L);

    @Test
    void readsTheMasterKeyThatItWrote() {
        String record = CredentialCodec.encode(new MasterKey(ACME));

        assertThat(record).isEqualTo("{\"v\":1,\"account\":\"acme\",\"kind\":\"master-key\"}");
        assertThat(CredentialCodec.decode(KEY, record)).isEqualTo(new MasterKey(ACME));
    }

    @Test
    void readsTheApiKeyThatItWrote() {
        List<Permission> granted = List.of(
                new Permission(new LinkedHashSet<>(List.of(Action.PUT, Action.GET)),
                        List.of(new Permission.Resource(new DeviceId("lamp-1"), Optional.empty()),
                                new Permission.Resource(new DeviceId("fan-1"), Optional.of(new StreamId("speed"))))),
                new Permission(EnumSet.allOf(Action.class), List.of()), new Permission(Set.of(), List.of()));
        ApiKey key = new ApiKey(ACME, "Küche \"1\" \ud83d\udd11", CREATED, true, granted, "c2VhbGVk", Limits.NONE);

        assertThat(CredentialCodec.decode(KEY, CredentialCodec.encode(key))).isInstanceOfSatisfying(ApiKey.class,
                read -> {
                    assertThat(read.account()).isEqualTo(ACME);
                    assertThat(read.name()).isEqualTo("Küche \"1\" \ud83d\udd11");
                    assertThat(read.created()).isEqualTo(CREATED);
                    assertThat(read.granted()).isEqualTo(granted);
                    assertThat(read.sealedKey()).isEqualTo("c2VhbGVk");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'device':'d','strem':'t'}", "{'device':'d'}],'except':['d'",
            "{'device':'d'}]}],'until':[{'a':[1"})
    void refusesAnUnknownLimit(String resource) {
        String record = ("{'v':1,'account':'acme','kind':'api-key','title':'t','created':1,'sealed':'c2VhbGVk',"
                + "'permissions':[{'actions':['get'],'resources':[" + resource + "]}]}").replace('\'', '"');

        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> CredentialCodec.decode(KEY, record))
                .withMessageContaining(KEY);
    }

    @Test
    void refusesAMisspelledAction() {
        String record = "{\"v\":1,\"account\":\"acme\",\"kind\":\"api-key\",\"title\":\"t\",\"created\":1,\"sealed\":\"c2VhbGVk\","
                + "\"permissions\":[{\"actions\":[\"GET\"],\"resources\":[]}]}";

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> CredentialCodec.decode(KEY, record));
    }

    @Test
    void writesARecordAsItReadIt() {
        String record = """
                {"v":1,"account":"acme","kind":"api-key","title":"t","created":1503372720123,"sealed":"c2VhbGVk",\
                "permissions":[{"actions":["put","get"],"resources":[{"device":"lamp-1","stream":"temp"},\
                {"device":"lamp-1"}]}]}""";

        assertThat(CredentialCodec.encode(CredentialCodec.decode(KEY, record))).isEqualTo(record);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "{'v':1,'account':'acme','kind':'static-token','name':'n','created':1,'enabled':true,'rules':[],"
                    + "'expires':5,'networks':['10.0.0.0/8','2001:db8::/32'],'secret':'i','secret_since':2,"
                    + "'old_secret':'o','old_until':3,'secret_next':'x','name_mark':'m'}",
            "{'v':1,'account':'acme','kind':'api-key','title':'t','created':1,'sealed':'s','enabled':false,"
                    + "'permissions':[],'expires':5,'secret':'i','secret_since':2,'old_secret':'o','old_until':3,"
                    + "'old_sealed':'p'}",
            "{'v':1,'account':'acme','kind':'application','name':'n','created':1,'enabled':true,"
                    + "'platform':'software','sealed':'s','secret':'i','secret_created':2,'rules':[],"
                    + "'networks':['::1/128']}",
            "{'v':1,'account':'acme','kind':'jwt-token','name':'n','created':1,'enabled':true,'secret_id':'i',"
                    + "'sealed':'s','apis':[],'users':[],'expires':5,'old_sealed':'o','old_replaced':2,'old_until':3,"
                    + "'name_mark':'m'}",
            "{'v':1,'account':'acme','kind':'rsa-token','name':'n','created':1,'enabled':true,'key_id':'i','key':'k',"
                    + "'sealed':'s','private':'p','apis':[],'projects':[],'networks':['10.0.0.1/32'],'name_mark':'m'}",
            "{'v':1,'account':'acme','kind':'access-token','application':'a','issued':1,'expires':2,'revoked':false,"
                    + "'secret':3}",
            "{'v':1,'account':'acme','kind':'secret','home':'h'}"})
    void writesLimitsAndSecretsAgainAsItReadThem(String text) {
        String record = text.replace('\'', '"');

        assertThat(CredentialCodec.encode(CredentialCodec.decode(KEY, record))).isEqualTo(record);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'networks':[]", "'networks':['10.0.0.1/8']", "'networks':'10.0.0.0/8'",
            "'networks':[null]", "'networks':null", "'expires':'soon'", "'expires':null", "'allowed':[]",
            "'secret':'i'", "'secret':'i','secret_since':1,'old_secret':'o'", "'name_mark':null", "'name_mark':1"})
    void refusesLimitsAndSecretsThatItWouldNotWrite(String members) {
        assertUnreadable(("{'v':1,'account':'s3cret','kind':'static-token','name':'n','created':1,'enabled':true,"
                + "'rules':[]," + members + "}").replace('\'', '"'));
    }

    @Test
    void writesARecordWithoutTheSecret() {
        ApiKey key = new ApiKey(ACME, "title", CREATED, true, List.of(), "c2VhbGVk", Limits.NONE);

        assertThat(CredentialCodec.encode(key)).isEqualTo("{\"v\":1,\"account\":\"acme\",\"kind\":\"api-key\","
                + "\"title\":\"title\",\"created\":1503372720123,\"sealed\":\"c2VhbGVk\",\"permissions\":[]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2", "-1", "4294967297"})
    void refusesARecordOfAnotherVersion(String version) {
        assertUnreadable("{\"v\":" + version + ",\"account\":\"s3cret\",\"kind\":\"master-key\"}");
    }

    @Test
    void reportsAnUnknownVersionOrKind() {
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> CredentialCodec.decode(KEY, "{\"v\":2}"))
                .withMessage("The record " + KEY + " has a version that is unknown to this gate.");
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(
                        () -> CredentialCodec.decode(KEY, "{\"v\":1,\"account\":\"acme\",\"kind\":\"session\"}"))
                .withMessage("The record " + KEY + " has a kind that is unknown to this gate.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "s3cret", "{", "null", "[]", "5", "\"s3cret\"", "{}", "{\"s3cret\":1}",
            "{\"v\":\"1\",\"account\":\"s3cret\",\"kind\":\"master-key\"}",
            "{\"v\":1.5,\"account\":\"s3cret\",\"kind\":\"master-key\"}",
            "{\"v\":null,\"account\":\"s3cret\",\"kind\":\"master-key\"}",
            "{\"v\":1,\"kind\":\"master-key\"}",
            "{\"v\":1,\"account\":null,\"kind\":\"master-key\"}",
            "{\"v\":1,\"account\":5,\"kind\":\"master-key\"}",
            "{\"v\":1,\"account\":\"\",\"kind\":\"master-key\"}",
            "{\"v\":1,\"account\":\"s3cret{\",\"kind\":\"master-key\"}",
            "{\"v\":1,\"account\":\"acme\"}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":null}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":1}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":\"Master-Key\"}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":\"s3cret\"}",
            "{\"v\":1,\"account\":\"acme\",\"kind\":\"master-key\"}{}"})
    void doesNotReadWhatIsNoRecord(String record) {
        assertUnreadable(record);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "title":"s3cret"                                | "title":null
            "title":"s3cret"                                | "title":5
            "title":"s3cret"                                | "name":"s3cret"
            "created":1503372720123                         | "created":null
            "created":1503372720123                         | "created":"1503372720123"
            "created":1503372720123                         | "created":1.5
            "sealed":"c2VhbGVk"                             | "sealed":null
            "sealed":"c2VhbGVk"                             | "opened":"c2VhbGVk"
            "permissions"                                   | "grants"
            "actions":["get"]                               | "actions":"get"
            "actions":["get"]                               | "actions":["s3cret"]
            "actions":["get"]                               | "actions":[null]
            "actions":["get"]                               | "actions":[1]
            "actions":["get"]                               | "actions":null
            "actions":["get"],                              | ``
            [{"device":"lamp-1","stream":"temp"}]           | {}
            [{"device":"lamp-1","stream":"temp"}]           | ["lamp-1"]
            [{"device":"lamp-1","stream":"temp"}]           | [null]
            "device":"lamp-1"                               | "device":null
            "device":"lamp-1"                               | "device":"s3cret/.."
            "device":"lamp-1"                               | "device":1
            "device":"lamp-1"                               | "thing":"lamp-1"
            "stream":"temp"                                 | "stream":null
            "stream":"temp"                                 | "stream":""
            "stream":"temp"                                 | "stream":["temp"]
            """)
    void doesNotReadAnApiKeyThatIsNotWhole(String part, String replacement) {
        String record = """
                {"v":1,"account":"acme","kind":"api-key","title":"s3cret","created":1503372720123,"sealed":"c2VhbGVk",\
                "permissions":[{"actions":["get"],"resources":[{"device":"lamp-1","stream":"temp"}]}]}""";
        assertThat(CredentialCodec.decode(KEY, record)).isInstanceOf(ApiKey.class);
        assertThat(record).contains(part);

        assertUnreadable(record.replace(part, replacement));
    }

    private static void assertUnreadable(String record) {
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> CredentialCodec.decode(KEY, record))
                .withMessageStartingWith("The record " + KEY + " ")
                .withNoCause()
                .satisfies(failure -> assertThat(failure).hasMessageNotContaining("s3cret"));
    }
}
