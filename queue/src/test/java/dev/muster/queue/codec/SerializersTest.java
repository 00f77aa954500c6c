package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SerializersTest {
    private static final byte[] ONE = "1".getBytes(StandardCharsets.UTF_8);

    private final Serializers serializers = new Serializers(Settings.DEFAULT);

    private static @Nullable Object read(
            Serializers serializers,
            @Nullable String contentType,
            @Nullable String contentEncoding,
            byte[] body) {
        return serializers.read(
                new Message(
                        body, contentType, contentEncoding, Map.of(), Message.Properties.DEFAULT));
    }

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
        assertThat(read(serializers, "application/json", "utf-8", ONE)).isEqualTo(1L);
        assertThat(read(serializers, "application/json; charset=utf-8", null, ONE)).isEqualTo(1L);
        assertThatExceptionOfType(ContentRefusedException.class)
                .isThrownBy(() -> read(serializers, "application/x-yaml", "utf-8", ONE))
                .withMessageContaining("application/x-yaml")
                .withMessageContaining("accept_content");

        var both = Settings.DEFAULT.with("accept_content", "application/json, yaml");
        assertThat(read(new Serializers(both), "application/x-yaml", "utf-8", ONE)).isEqualTo(1L);
    }

    @Test
    void readsPlainTextAndRawBytesAlways() {
        assertThat(read(serializers, "text/plain", "utf-8", ONE)).isEqualTo("1");
        assertThat(read(serializers, "text/plain", "latin-1", new byte[] {(byte) 0xe9}))
                .isEqualTo("é");
        assertThat(read(serializers, "application/data", "binary", ONE)).isEqualTo(ONE);
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> read(serializers, "text/plain", null, new byte[] {-1}));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> read(serializers, "text/plain", "klingon", ONE));
    }

    @Test
    void refusesPickleAndUnknownTypesWithTheReason() {
        assertThatExceptionOfType(ContentRefusedException.class)
                .isThrownBy(() -> read(serializers, "application/x-python-serialize", null, ONE))
                .withMessageContaining("pickle")
                .withMessageContaining("execute");
        assertThatExceptionOfType(ContentRefusedException.class)
                .isThrownBy(() -> read(serializers, "application/xml", null, ONE))
                .satisfies(e -> assertThat(e.contentType()).isEqualTo("application/xml"));
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> read(serializers, null, null, ONE));
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
