package dev.postern.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.account.Account;
import dev.postern.account.AccountRecord;
import dev.postern.store.UnreadableRecordException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccountRecordTest {
    private static final String KEY = AccountRecord.key(new AccountId("acme"));
    private static final String WRITTEN = "{\"v\":1,\"id\":\"acme\",\"name\":\"s3cret\",\"created\":1503372720123,"
            + "\"master\":\"index\",\"deleting\":false}";

    @Test
    void isReadAsItWasWritten() {
        AccountRecord record = new AccountRecord(
                new Account(new AccountId("acme"), "s3cret", Instant.ofEpochMilli(1_503_372_720_123L)), "index", false);

        assertThat(record.encode()).isEqualTo(WRITTEN);
        assertThat(AccountRecord.decode(KEY, WRITTEN)).isEqualTo(record);
        assertThat(AccountRecord.decode(KEY, record.beingDeleted().encode())).isEqualTo(record.beingDeleted());
    }

    @Test
    void keepsAllDataOfAnAccountInOneSlot() {
        assertThat(KEY).isEqualTo("postern:{acme}:account");
        assertThat(ListKind.API_KEYS.key(new AccountId("acme"))).isEqualTo("postern:{acme}:api-keys");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s3cret", "null", "[]", "{}", "{\"v\":2,\"name\":\"s3cret\"}"})
    void isNotReadFromInvalidText(String record) {
        assertUnreadable(record);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "v":1                      | "v":2
            "v":1                      | "v":null
            "id":"acme"                | "id":null
            "id":"acme"                | "id":"s3cret{"
            "name":"s3cret"            | "name":null
            "name":"s3cret"            | "name":5
            "created":1503372720123    | "created":"now"
            "master":"index"           | "master":null
            "master":"index",          | ``
            "deleting":false           | "deleting":null
            "deleting":false           | "deleting":"no"
            ,"deleting":false          | ``
            """)
    void isNotReadWhereItIsNotWhole(String part, String replacement) {
        assertThat(WRITTEN).contains(part);

        assertUnreadable(WRITTEN.replace(part, replacement));
    }

    private static void assertUnreadable(String record) {
        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> AccountRecord.decode(KEY, record))
                .withMessageStartingWith("The record " + KEY + " ")
                .withNoCause()
                .satisfies(failure -> assertThat(failure).hasMessageNotContaining("s3cret"));
    }
}
