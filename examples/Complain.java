import static dev.muster.parallel.pipeline.Pipelines.coroutine;

import dev.muster.parallel.pipeline.Stage;
import dev.muster.parallel.pipeline.StageClosedException;

/// A coroutine that is told what to watch for, and complains each time it hears of it.
///
///     ./muster run examples/Complain.java
public class Complain {
    static Stage<String> complainAbout(String word) {
        return coroutine(inbox -> {
            IO.println("Please talk to me!");
            for (var text : inbox) {
                if (text.contains(word)) {
                    IO.println("Oh no: I found a " + word + " again!");
                }
            }
            IO.println("Ok, ok: I am quitting.");
        });
    }

    public static void main(String[] args) {
        var listener = complainAbout("JavaScript");
        listener.send("Test data with JavaScript somewhere in it");
        listener.send("Test data without that word");
        listener.send("JavaScript, once more");
        listener.close();
        try {
            listener.send("JavaScript, too late");
        } catch (StageClosedException e) {
            IO.println("Nobody listens: " + e.getMessage());
        }
    }
}
