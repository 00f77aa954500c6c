package dev.muster.parallel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:7000, 127.0.0.1:7000",
        "[::1]:0, [0:0:0:0:0:0:0:1]:0",
        "no-such-host.invalid:1, no-such-host.invalid:1"
    })
    void readsWhatItWrites(String text, String written) {
        assertThat(Addresses.text(Addresses.parse(text))).isEqualTo(written);
        assertThat(Addresses.parse(written)).isEqualTo(Addresses.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "7000", "host", ":7000", "host:", "host:-1", "host:65536", "::1:7000"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> Addresses.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HOST:PORT");
    }
}
