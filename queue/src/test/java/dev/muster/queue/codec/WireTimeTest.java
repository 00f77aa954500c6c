package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireTimeTest {
    @ParameterizedTest
    @CsvSource({
        "2026-11-20T11:47:38Z, 2026-11-20T11:47:38+00:00",
        "2026-11-20T11:47:38.148111222Z, 2026-11-20T11:47:38.148111+00:00",
        "2026-11-20T11:47:38.000000999Z, 2026-11-20T11:47:38+00:00",
        "2026-01-02T00:00:00.100Z, 2026-01-02T00:00:00.100000+00:00",
        "0001-01-01T00:00:00.000001Z, 0001-01-01T00:00:00.000001+00:00"
    })
    void writesNoFractionOrSixDigits(Instant time, String text) {
        assertThat(WireTime.format(time)).isEqualTo(text);
    }

    @Test
    void refusesYearsThatPythonCannotRead() {
        assertThatExceptionOfType(EncodeException.class)
                .isThrownBy(() -> WireTime.format(Instant.MAX));
        assertThatExceptionOfType(EncodeException.class)
                .isThrownBy(() -> WireTime.format(Instant.parse("0000-12-31T00:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-20T11:47:38.148Z",
                "2026-11-20T11:47:38.148",
                "2026-11-20T11:47:38.148000000+00:00",
                "2026-11-20 11:47:38.148000",
                "2026-11-20T12:47:38.148+01:00",
                "2026-11-20T06:17:38.148-0530",
                "2026-11-20T12:47:38.148+01",
                "2026-11-20T17:17:38.148+05:30"
            })
    void readsAnyFractionAndOffset(String text) {
        assertThat(WireTime.parse(text)).isEqualTo(Instant.parse("2026-11-20T11:47:38.148Z"));
    }

    @Test
    void readsMinutesAndDatesAlone() {
        assertThat(WireTime.parse("2026-11-20T11:47+00:00"))
                .isEqualTo(Instant.parse("2026-11-20T11:47:00Z"));
        assertThat(WireTime.parse("2026-11-20")).isEqualTo(Instant.parse("2026-11-20T00:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "1763639258",
                "2026-13-20T11:47:38Z",
                "2026-02-30T11:47:38Z",
                "2026-11-20T25:47:38Z",
                "2026-11-20T11:47:38+01:00[Europe/Paris]",
                "2026-11-20T11:47:38.1234567890Z",
                "2026-11-20T11:47:38Zx"
            })
    void refusesAnythingElse(String text) {
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> WireTime.parse(text));
    }
}
