package dev.muster.cli;

import dev.muster.queue.Task;
import java.nio.charset.StandardCharsets;

/// Tells from a class file whether the class may have tasks, so that a large jar need not be loaded
/// as a whole.
final class TaskScan {
    /// How the annotation is written in a class file's constants.
    private static final byte[] DESCRIPTOR =
            Task.class.descriptorString().getBytes(StandardCharsets.US_ASCII);

    private TaskScan() {}

    static boolean mayHaveTasks(byte[] classFile) {
        for (var start = 0; start <= classFile.length - DESCRIPTOR.length; start++) {
            var matched = 0;
            while (matched < DESCRIPTOR.length
                    && classFile[start + matched] == DESCRIPTOR[matched]) {
                matched++;
            }
            if (matched == DESCRIPTOR.length) {
                return true;
            }
        }
        return false;
    }
}
