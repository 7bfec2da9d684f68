package dev.postern.account;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredRecordTest {
    @ParameterizedTest
    @CsvSource({"'', 0", "{}, 2", "né, 2", "灯, 2", "lamp 灯, 12"})
    void knowsTheSizeOfItsText(String text, int bytes) {
        assertThat(StoredRecord.of(text).bytes()).isEqualTo(bytes);
        assertThat(StoredRecord.NONE.bytes()).isZero();
    }
}
