import dev.muster.parallel.NamedPipe;
import java.nio.file.Path;
import java.time.Duration;

/// Two programs that know nothing of each other exchange messages through a FIFO.
///
///     ./muster run examples/Fifo.java read                         (waits, and prints what comes)
///     ./muster run examples/Fifo.java write "hello there"          (in another terminal)
///     echo "from a shell: $$" > /tmp/muster-example-pipe           (or so)
///
/// The variable PIPE names another place for the FIFO.
public class Fifo {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public static void main(String[] args) throws Exception {
        var path = Path.of(System.getenv().getOrDefault("PIPE", "/tmp/muster-example-pipe"));
        var pipe = NamedPipe.create(path);
        if (args.length == 2 && args[0].equals("write")) {
            try (var writer = pipe.writer(PATIENCE)) {
                writer.line("%s (from process %d)".formatted(args[1], ProcessHandle.current().pid()));
            }
        } else {
            try (var reader = pipe.reader(PATIENCE)) {
                reader.lines().forEach(IO::println);
            }
        }
    }
}
