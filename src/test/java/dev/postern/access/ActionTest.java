package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActionTest {
    @ParameterizedTest
    @CsvSource({"GET, GET", "HEAD, GET", "POST, POST", "PUT, PUT", "PATCH, PUT", "DELETE, DELETE"})
    void isTheRightThatAMethodNeeds(String method, Action action) {
        assertThat(Action.ofMethod(method)).contains(action);
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "Post", "OPTIONS", "TRACE", "CONNECT", "GET ", ""})
    void isAbsentForAnyOtherMethod(String method) {
        assertThat(Action.ofMethod(method)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void isNamedInAnyLetterCase(Action action) {
        assertThat(Action.named(action.word())).contains(action);
        assertThat(Action.named(action.name())).contains(action);
        assertThat(Action.named(action.name().charAt(0) + action.word().substring(1))).contains(action);
    }

    @Test
    void isNotNamedByAnythingElse() {
        assertThat(Action.named("head")).isEmpty();
        assertThat(Action.named("get ")).isEmpty();
        assertThat(Action.named("")).isEmpty();
    }

    @Test
    void isNamedTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.of("tr"));
            assertThat(Action.named("DELETE")).contains(Action.DELETE);
            assertThat(Action.values()).extracting(Action::word).containsExactly("get", "post", "put", "delete");
        } finally {
            Locale.setDefault(before);
        }
    }
}
