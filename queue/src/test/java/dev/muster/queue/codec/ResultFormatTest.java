package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.State;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultFormatTest {
    private static final Instant DONE = Instant.parse("2026-11-20T11:50:54.950959Z");

    private final ResultFormat format = new ResultFormat(new Json(true));

    @Test
    void writesEveryFieldThatPythonReads() {
        var result =
                new ResultRecord("t1", State.SUCCESS, 2L, null, DONE, Map.of("group_id", "g1"));

        assertThat(text(format.write(result)))
                .isEqualTo(
                        "{\"status\": \"SUCCESS\", \"result\": 2, \"traceback\": null,"
                                + " \"children\": [],"
                                + " \"date_done\": \"2026-11-20T11:50:54.950959+00:00\","
                                + " \"task_id\": \"t1\", \"group_id\": \"g1\"}");
    }

    @Test
    void readsWhatItWrote() {
        var children = List.of(List.of(List.of("t2", "t1")));
        var failure =
                Map.of(
                        "exc_type", "ValueError",
                        "exc_message", List.of("bad", 42L),
                        "exc_module", "builtins");
        var result =
                new ResultRecord(
                        "t1",
                        State.FAILURE,
                        failure,
                        "Traceback",
                        DONE,
                        Map.of("children", children));

        assertThat(format.read(format.write(result))).isEqualTo(result);
    }

    @Test
    void doesNotLetAnotherFieldReplaceTheStateOrTheResult() {
        var result =
                new ResultRecord(
                        "t1", State.SUCCESS, 1L, null, null, Map.of("status", "FAILURE", "x", 2L));

        assertThat(format.read(format.write(result)))
                .returns(State.SUCCESS, ResultRecord::state)
                .satisfies(read -> assertThat(read.others()).containsEntry("x", 2L));
    }

    @Test
    void readsARecordWithTheLeast() {
        var read = format.read(bytes("{\"status\": \"PROGRESS\", \"task_id\": \"t1\"}"));

        assertThat(read)
                .isEqualTo(
                        new ResultRecord("t1", new State("PROGRESS"), null, null, null, Map.of()));
    }

    @Test
    void readsTheTimeOfOldCeleryAsUtc() {
        var read =
                format.read(
                        bytes(
                                "{\"status\": \"SUCCESS\", \"task_id\": \"t1\", \"result\": null,"
                                        + " \"date_done\": \"2026-11-20T11:50:54.950959\"}"));

        assertThat(read.dateDone()).isEqualTo(DONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "null",
                "{}",
                "{\"status\": \"SUCCESS\"}",
                "{\"task_id\": \"t1\"}",
                "{\"status\": \"success\", \"task_id\": \"t1\"}",
                "{\"status\": \"\", \"task_id\": \"t1\"}",
                "{\"status\": \"SUCCESS\", \"task_id\": 1}",
                "{\"status\": \"SUCCESS\", \"task_id\": \"t1\", \"date_done\": 17}",
                "{\"status\": \"SUCCESS\", \"task_id\": \"t1\", \"date_done\": \"x\"}",
                "{\"status\": \"SUCCESS\", \"task_id\": \"t1\", \"traceback\": []}"
            })
    void refusesWhatIsNoRecord(String text) {
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> format.read(bytes(text)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
