package dev.postern.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.authentication.CredentialHeader;
import dev.postern.authentication.Presentation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpHeaders;

class BackendHeadersTest {
    @ParameterizedTest
    @EnumSource
    void stripsEveryHeaderThatMayPresentACredential(CredentialHeader header) {
        String name = header.headerName();
        for (String spelling : List.of(name, name.toUpperCase(Locale.ROOT), name.toLowerCase(Locale.ROOT),
                name.replace('-', '_'), name.replace('-', '.'))) {
            HttpHeaders client = new HttpHeaders();
            client.add(spelling, "s3cret");
            client.add("X-Other", "kept");

            HttpHeaders backend = BackendHeaders.ofClient(client, Map.of());

            assertThat(backend.toSingleValueMap()).as(spelling).containsOnlyKeys("X-Other");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"a=1; b=2 | a=1; b=2", "a=1;b=\"x;y\" | a=1;b=\"x;y\"",
            "postern-session=s; a=1 | a=1", "a=1;postern-key-holder=s;b=2 | a=1; b=2", "postern-session=s | ''",
            "postern-oidc=s;  postern-language=en | ''", "my-postern-session=1 | my-postern-session=1"})
    void stripsTheCookiesOfTheGate(String client, String backend) {
        HttpHeaders headers = new HttpHeaders();
        headers.add("Cookie", client);

        HttpHeaders forwarded = BackendHeaders.ofClient(headers, Map.of());

        assertThat(forwarded.containsHeader("Cookie")).isEqualTo(!backend.isEmpty());
        assertThat(forwarded.toSingleValueMap().getOrDefault("Cookie", "")).isEqualTo(backend);
    }

    @ParameterizedTest
    @EnumSource
    void recognizesEachCredentialHeader(CredentialHeader header) {
        HttpHeaders client = new HttpHeaders();
        client.add(header.headerName(), "s3cret");

        assertThat(Presentation.read(client::get)).isInstanceOf(Presentation.Presented.class);
    }
}
