package dev.postern.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeyGeneratorTest {
    @Test
    void generatesKeysInTheFormThatClientsKnow() {
        List<String> keys = Stream.generate(KeyGenerator::next).limit(1000).toList();

        assertThat(keys).allMatch(key -> key.matches("[A-Za-z0-9=]{28}")).doesNotHaveDuplicates();
    }
}
