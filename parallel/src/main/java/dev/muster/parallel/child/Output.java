package dev.muster.parallel.child;

/// What becomes of the lines that a child prints. Called by one thread for each of its two streams.
@FunctionalInterface
public interface Output {
    /// To this JVM's own streams, each line behind the name of the child.
    Output NAMED =
            (child, isError, line) ->
                    (isError ? System.err : System.out).println("[%s] %s".formatted(child, line));

    /// @param isError whether it was printed on the standard error
    void line(String child, boolean isError, String line);
}
