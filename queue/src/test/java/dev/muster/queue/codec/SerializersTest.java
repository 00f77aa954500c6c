package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SerializersTest {
    private static final byte[] ONE = "1".getBytes(StandardCharsets.UTF_8);

    private final Serializers serializers = new Serializers(Settings.DEFAULT);

    @ParameterizedTest
    @CsvSource({
        "json, application/json, utf-8",
        "msgpack, application/x-msgpack, binary",
        "yaml, application/x-yaml, utf-8"
    })
    void namesFormatsAsKombuDoes(String name, String contentType, String contentEncoding) {
        var serializer = serializers.byName(name);

        assertThat(serializer.contentType()).isEqualTo(contentType);
        assertThat(serializer.contentEncoding()).isEqualTo(contentEncoding);
        assertThat(serializers.byName(contentType)).isSameAs(serializer);
    }

    @Test
    void readsWhatTheSettingsAccept() {
        assertThat(serializers.decode("application/json", "utf-8", ONE)).isEqualTo(1L);
        assertThat(serializers.decode("application/json; charset=utf-8", null, ONE)).isEqualTo(1L);
        assertThatExceptionOfType(ContentRefusedException.class)
                .isThrownBy(() -> serializers.decode("application/x-yaml", "utf-8", ONE))
                .withMessageContaining("application/x-yaml")
                .withMessageContaining("accept_content");

        var both = Settings.DEFAULT.with("accept_content", "application/json, yaml");
        assertThat(new Serializers(both).decode("application/x-yaml", "utf-8", ONE)).isEqualTo(1L);
    }

    @Test
    void readsPlainTextAndRawBytesAlways() {
        assertThat(serializers.decode("text/plain", "utf-8", ONE)).isEqualTo("1");
        assertThat(serializers.decode("text/plain", "latin-1", new byte[] {(byte) 0xe9}))
                .isEqualTo("é");
        assertThat(serializers.decode("application/data", "binary", ONE)).isEqualTo(ONE);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> serializers.decode("text/plain", null, new byte[] {-1}));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> serializers.decode("text/plain", "klingon", ONE));
    }

    @Test
    void refusesPickleAndUnknownTypesWithTheReason() {
        assertThatExceptionOfType(ContentRefusedException.class)
                .isThrownBy(() -> serializers.decode("application/x-python-serialize", null, ONE))
                .withMessageContaining("pickle")
                .withMessageContaining("execute");
        assertThatExceptionOfType(ContentRefusedException.class)
                .isThrownBy(() -> serializers.decode("application/xml", null, ONE))
                .satisfies(e -> assertThat(e.contentType()).isEqualTo("application/xml"));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> serializers.decode(null, null, ONE));
    }

    @Test
    void refusesSettingsThatNameUnknownFormats() {
        for (var name : List.of("pickle", "jason")) {
            assertThatExceptionOfType(SettingsException.class)
                    .isThrownBy(
                            () -> new Serializers(Settings.DEFAULT.with("accept_content", name)))
                    .withMessageContaining("accept_content")
                    .withMessageContaining(name);
            assertThatExceptionOfType(SettingsException.class)
                    .isThrownBy(
                            () -> new Serializers(Settings.DEFAULT.with("task_serializer", name)))
                    .withMessageContaining("task_serializer");
        }
    }

    @Test
    void writesTasksAsTheSettingsSay() {
        var settings = Settings.DEFAULT.with("task_serializer", "msgpack");

        assertThat(new Serializers(settings).forTasks().name()).isEqualTo("msgpack");
    }
}
