package dev.muster.cli;

import dev.muster.queue.codec.Json;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Prints data for people, or as JSON for programs.
///
/// @param json whether for programs
record Printer(PrintWriter out, boolean json) {
    /// Dates and the like as plain texts.
    private static final Json PLAIN = new Json(false);

    void id(String id) {
        if (json) {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("id", id);
            json(fields);
        } else {
            out.println(id);
        }
    }

    /// A text as it is, any other value as JSON.
    void result(String id, @Nullable Object value) {
        if (json) {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("id", id);
            fields.put("result", value);
            json(fields);
        } else {
            out.println(value instanceof String text ? text : PLAIN.writeText(value));
        }
    }

    void json(@Nullable Object value) {
        out.println(text(value));
    }

    /// A value as JSON.
    static String text(@Nullable Object value) {
        return PLAIN.writeText(value);
    }
}
