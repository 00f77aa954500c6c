import static dev.muster.parallel.pipeline.Pipelines.*;

import dev.muster.parallel.pipeline.Stage;
import dev.muster.parallel.pipeline.Text;
import dev.muster.parallel.pipeline.Word;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Counts words in a text by a pipeline of coroutines: cat, fan-out, grep, count. `muster grep` is
/// made of the same stages.
///
///     ./muster run examples/Grep.java                            (love, hate and hope in War and Peace)
///     ./muster run examples/Grep.java -i my-novel.txt love hate hope
public class Grep {
    public static void main(String[] args) {
        if (args.length == 0) {
            var source = Path.of(System.getProperty("jdk.launcher.sourcefile", "examples/Grep.java"));
            mgrep(source.resolveSibling("data/war-and-peace.txt"));
            return;
        }
        var ignoreCase = args[0].equals("-i");
        var rest = Stream.of(args).skip(ignoreCase ? 1 : 0).toList();
        var words = rest.stream().skip(1).map(word -> ignoreCase ? Word.ignoringCase(word) : Word.of(word));
        cat(Path.of(rest.getFirst()), fanout(words.map(Grep::counted).toList()));
    }

    /// One word: the pipeline is `cat | grep | count`.
    static Stage<Text> counted(Word word) {
        return grep(word, count(print));
    }

    /// Several words in one pass.
    static void mgrep(Path file) {
        cat(file, fanout(grep("love", count(print)), grep("hate", count(print)), grep("hope", count(print))));
    }
}
