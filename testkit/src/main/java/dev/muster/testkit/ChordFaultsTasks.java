package dev.muster.testkit;

import dev.muster.queue.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/// The members and the bodies of chords that are disturbed. They tell by files what they do, and
/// wait for files, as workers may be processes of their own.
final class ChordFaultsTasks {
    private ChordFaultsTasks() {}

    @Task(name = "faults.member")
    static int member(int number, String folder) throws IOException {
        note(folder, "members", number);
        waitWhileHeld(folder, "member-" + number);
        note(folder, "members-ended", number);
        return number;
    }

    @Task(name = "faults.body")
    static int body(List<Integer> numbers, String folder) throws IOException {
        note(folder, "bodies", numbers);
        waitWhileHeld(folder, "body");
        note(folder, "bodies-ended", numbers);
        return numbers.stream().mapToInt(number -> number).sum();
    }

    private static void note(String folder, String name, Object line) throws IOException {
        Files.writeString(
                Path.of(folder, name),
                line + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static void waitWhileHeld(String folder, String name) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.notExists(Path.of(folder, name + "-held")));
    }
}
