import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.time.Duration;

/// The smallest program: a function that is called here, and then through the queue.
///
///     ./muster run examples/Echo.java "Java rocks!"
public class Echo {
    @Task
    static String echo(String message) {
        return message;
    }

    public static void main(String[] args) {
        var message = args.length == 0 ? "Java rocks!" : String.join(" ", args);
        IO.println("called here:        " + echo(message));

        try (var muster = Muster.connect()) {
            var result = muster.send(call(Echo::echo, message));
            IO.println("sent as task:       " + result);
            IO.println("through the queue:  " + result.get(Duration.ofSeconds(10)));
            IO.println("and its state:      " + result.state());
        }
    }
}
