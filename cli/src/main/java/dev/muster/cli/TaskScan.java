package dev.muster.cli;

import dev.muster.queue.ControlCommand;
import dev.muster.queue.Task;
import java.lang.annotation.Annotation;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Tells from a class file whether the class may have tasks or commands, so that a large jar need
/// not be loaded as a whole.
final class TaskScan {
    /// On methods that belong to an application.
    static final List<Class<? extends Annotation>> ANNOTATIONS =
            List.of(Task.class, ControlCommand.class);

    /// How the annotations are written in a class file's constants.
    private static final List<byte[]> DESCRIPTORS =
            ANNOTATIONS.stream()
                    .map(type -> type.descriptorString().getBytes(StandardCharsets.US_ASCII))
                    .toList();

    private TaskScan() {}

    static boolean mayHaveTasks(byte[] classFile) {
        return DESCRIPTORS.stream().anyMatch(descriptor -> contains(classFile, descriptor));
    }

    private static boolean contains(byte[] classFile, byte[] descriptor) {
        for (var start = 0; start <= classFile.length - descriptor.length; start++) {
            var matched = 0;
            while (matched < descriptor.length
                    && classFile[start + matched] == descriptor[matched]) {
                matched++;
            }
            if (matched == descriptor.length) {
                return true;
            }
        }
        return false;
    }
}
