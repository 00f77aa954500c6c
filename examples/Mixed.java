import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Signature;
import dev.muster.queue.Task;
import dev.muster.queue.TypeRef;
import dev.muster.queue.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// A workflow that changes between Java and Python at each step: Java measures the words of two sentences, Python does
/// statistics, Java puts them into words, Python writes these in capitals, and Java puts both lines together.
///
/// With a Redis on this machine, in two terminals, in the folder of the examples:
///
///     python3 -m celery -A mixed_tasks worker -Q python
///     ../muster run --worker -b redis://localhost:6379/0 Mixed.java
public class Mixed {
    private static final List<String> SENTENCES = List.of(
            "the quick brown fox jumps over the lazy dog",
            "jackdaws love my big sphinx of quartz");

    @Task
    static List<Integer> measure(String sentence) {
        return Stream.of(sentence.split(" ")).map(String::length).toList();
    }

    @Task
    static String describe(Map<String, Double> statistics) {
        return String.format(Locale.ROOT, "mean %.2f, median %.1f", statistics.get("mean"), statistics.get("median"));
    }

    @Task
    static String join(List<String> lines) {
        return String.join("\n", lines);
    }

    /// A task that lives in Python, on the queue that the Python worker reads.
    private static Signature<Object> python(String name) {
        return call(name).queue("python");
    }

    static Workflow<String> workflow() {
        return group(SENTENCES.stream().map(sentence -> call(Mixed::measure, sentence)
                        .then(python("mixed.describe").returning(new TypeRef<Map<String, Double>>() {}))
                        .then(Mixed::describe)
                        .then(python("mixed.title").returning(String.class))))
                .then(Mixed::join);
    }

    public static void main(String[] args) {
        try (var muster = Muster.connect()) {
            IO.println(muster.send(workflow()).get(Duration.ofSeconds(60)));
        }
    }
}
