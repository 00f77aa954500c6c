import dev.muster.parallel.shared.SharedClient;
import dev.muster.parallel.shared.SharedManager;
import java.util.Arrays;
import java.util.List;

/// A queue between programs that know nothing of each other but an address. Start each in a terminal of its own:
///
///     ./muster run examples/SharedQueue.java serve 127.0.0.1:7000
///     ./muster run examples/SharedQueue.java take 127.0.0.1:7000
///     ./muster run examples/SharedQueue.java put 127.0.0.1:7000 three short words
///
/// The first could as well be `./muster manager --listen 127.0.0.1:7000`. Any number of programs may put, and take; the
/// one that puts waits until its words are dealt with.
public class SharedQueue {
    static void serve(String address) throws InterruptedException {
        try (var manager = SharedManager.listen(address)) {
            IO.println("serving at " + manager.address());
            Thread.currentThread().join(); // until Ctrl-C
        }
    }

    static void put(String address, List<String> words) throws InterruptedException {
        try (var client = SharedClient.connect(address)) {
            var queue = client.queue("words", String.class);
            for (var word : words) {
                queue.put(word);
            }
            queue.join();
            IO.println("all %d words are dealt with".formatted(words.size()));
            queue.close();
        }
    }

    static void take(String address) {
        try (var client = SharedClient.connect(address)) {
            var queue = client.queue("words", String.class);
            for (var word : queue) {
                var number = client.counter("taken").increment();
                IO.println("%d: %s has %d letters".formatted(number, word, word.length()));
                queue.taskDone();
            }
        }
    }

    public static void main(String[] args) throws InterruptedException {
        switch (args.length < 2 ? "" : args[0]) {
            case "serve" -> serve(args[1]);
            case "put" -> put(args[1], Arrays.asList(args).subList(2, args.length));
            case "take" -> take(args[1]);
            default -> {
                System.err.println("Usage: SharedQueue serve|take HOST:PORT, or put HOST:PORT WORD...");
                System.exit(2);
            }
        }
    }
}
