package dev.muster.queue.jdbc;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.Json;

/// Rows of messages, which other programs may write as well.
class RowFuzzTest {
    /// What cannot be read has a defect; nothing is thrown. Headers and properties stand in a line
    /// each.
    @FuzzTest
    void rows() {
        var table = new MessageTable(new Json(true));
        Fuzzer.of("rows of messages")
                .seeds(
                        "{\"task\": \"a\", \"id\": \"b\", \"retries\": 1}\n{\"correlation_id\": \"b\", \"reply_to\": \"q\", \"delivery_mode\": 2, \"priority\": 3, \"expiration\": 1000}")
                .runText(text -> {
                    var end = text.indexOf('\n');
                    table.decode(
                            row(
                                    end < 0 ? text : text.substring(0, end),
                                    end < 0 ? "{}" : text.substring(end + 1)));
                });
    }

    private static MessageTable.Row row(String headers, String properties) {
        return new MessageTable.Row(
                1,
                0,
                1,
                false,
                "",
                "celery",
                "application/json",
                "utf-8",
                headers,
                properties,
                new byte[0]);
    }
}
