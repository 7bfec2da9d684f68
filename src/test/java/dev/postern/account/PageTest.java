package dev.postern.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
    @Test
    void isTheFirstOneByDefault() {
        assertThat(Page.Request.parse(Optional.empty(), Optional.empty(), 10)).isEqualTo(new Page.Request(1, 10));
        assertThat(Page.Request.parse(Optional.of("3"), Optional.of("100"), 10)).isEqualTo(new Page.Request(3, 100));
        assertThat(Page.Request.parse(Optional.of("1000000"), Optional.of("1"), 10))
                .isEqualTo(new Page.Request(1_000_000, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1000001", "", "x", "1.5", "99999999999"})
    void isRefusedOutOfRange(String page) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Page.Request.parse(Optional.of(page), Optional.empty(), 10))
                .withMessage("page is not a number from 1 to 1000000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "101", "", "all"})
    void isRefusedIfTooLong(String perPage) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Page.Request.parse(Optional.empty(), Optional.of(perPage), 10))
                .withMessage("per_page is not a number from 1 to 100");
    }

    @ParameterizedTest
    @CsvSource({"1, 2, a b", "2, 2, c d", "3, 2, e", "4, 2, ''", "1000000, 100, ''", "1, 100, a b c d e"})
    void isCutFromAWholeList(int number, int perPage, String items) {
        Page<String> page = new Page.Request(number, perPage).of(List.of("a", "b", "c", "d", "e"));

        assertThat(String.join(" ", page.items())).isEqualTo(items);
        assertThat(page.totalCount()).isEqualTo(5);
    }
}
