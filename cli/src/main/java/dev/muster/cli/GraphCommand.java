package dev.muster.cli;

import dev.muster.queue.Workflow;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.graph.WorkflowGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "graph",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a workflow as a picture: a box for each task, an arrow to what comes next, dotted to callbacks,"
                    + " red and dashed to error callbacks.",
            "",
            "With -A, SOURCE is the name of a static method without parameters that returns a Workflow, such as"
                    + " static Workflow<String> report() { … }. Without, it is a file with a signature of Celery's canvas"
                    + " as JSON, such as json.dumps(signature) writes in Python; - is the standard input.",
            "",
            "With --result it is a workflow that was sent, each task coloured by its state. All of it is shown when the"
                    + " program has called save() on its result; otherwise what comes before the task ID, and what"
                    + " these tasks have sent so far. Tasks have names when their worker has the setting"
                    + " result_extended, otherwise ids."
        },
        footer = {
            "",
            "Examples:",
            "  muster graph -A Orders.java pipeline | dot -Tpng > orders.png",
            "  muster graph -A Orders.java pipeline -o orders.svg",
            "  muster graph --result 3b1f0c9e-7b1e-4c58-9d3c-0d9b7c1f9f55 --format svg"
        })
final class GraphCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    /// What is written.
    enum Format {
        DOT,
        SVG
    }

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ClassPathOption classPath = new ClassPathOption();

    @Option(
            names = {"-A", "--app"},
            paramLabel = "APP",
            description =
                    "Where the method is: a .java file, a .jar file, or the name of a class that is on --classpath.")
    private @Nullable String app;

    @Option(
            names = "--result",
            paramLabel = "ID",
            description =
                    "A workflow that was sent, by the id of one of its tasks, or of a group that was saved.")
    private @Nullable String result;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "dot, for Graphviz, or svg. By default dot, and svg for a FILE.svg.")
    private @Nullable Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write it there. By default to the standard output.")
    private @Nullable Path output;

    @Option(
            names = "--all",
            description =
                    "Draw each task of large groups. By default one box stands for all but three of more than 12 alike.")
    private boolean all;

    @Option(names = "--json", description = "Print a JSON object with nodes and edges instead.")
    private boolean json;

    @Parameters(
            arity = "0..1",
            paramLabel = "SOURCE",
            description = "The name of a method, a file with JSON, or -.")
    private @Nullable String source;

    @Override
    public Integer call() {
        if (json && format != null) {
            throw wrongUse("--json is a format of its own; give it or --format, not both");
        }
        var text = text(graph());
        if (output == null) {
            var out = commandSpec().commandLine().getOut();
            out.print(text);
            out.flush();
        } else {
            write(output, text);
        }
        return 0;
    }

    private CommandSpec commandSpec() {
        return Objects.requireNonNull(spec, "spec");
    }

    private ParameterException wrongUse(String message) {
        return new ParameterException(commandSpec().commandLine(), message);
    }

    private WorkflowGraph graph() {
        if (result != null) {
            if (app != null || source != null) {
                throw wrongUse(
                        "--result names a workflow that was sent; give it alone, without -A and SOURCE");
            }
            return graphOf(result);
        }
        if (source == null) {
            throw wrongUse(
                    "say which workflow: -A FILE.java NAME, a file with JSON, or --result ID");
        }
        return app == null
                ? read(source).graph()
                : WorkflowMethod.find(app, classPath.paths(), source).call().graph();
    }

    private WorkflowGraph graphOf(String id) {
        try (var muster = connection.muster().build()) {
            return muster.graph(id)
                    .orElseThrow(() ->
                            CommandException.failed(
                                    "nothing is known of %s in %s: it has not ended yet, or its result has expired; give the id of a task that has, or save() the result when the workflow is sent"
                                            .formatted(id, muster.resultStoreDescription())));
        }
    }

    private Workflow<?> read(String file) {
        try {
            if (new Json(true).read(bytes(file)) instanceof Map<?, ?> map) {
                var fields = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((name, value) -> fields.put(String.valueOf(name), value));
                return Workflow.ofMap(fields);
            }
            throw CommandException.wrongUse("%s holds no signature".formatted(shown(file)));
        } catch (DecodeException e) {
            throw CommandException.wrongUse(
                    "%s holds no signature: %s".formatted(shown(file), e.getMessage()), e);
        }
    }

    private static byte[] bytes(String file) {
        try {
            return file.equals(STANDARD_INPUT)
                    ? System.in.readAllBytes()
                    : Files.readAllBytes(Path.of(file));
        } catch (NoSuchFileException e) {
            throw CommandException.wrongUse(
                    "there is no file %s; to draw what a method returns, give -A as well"
                            .formatted(file),
                    e);
        } catch (IOException e) {
            throw CommandException.failed(
                    "%s cannot be read: %s".formatted(shown(file), e.getMessage()), e);
        }
    }

    private static String shown(String file) {
        return file.equals(STANDARD_INPUT) ? "the standard input" : file;
    }

    private String text(WorkflowGraph graph) {
        if (json) {
            var text = new StringWriter();
            new Printer(new PrintWriter(text), true).json(graph.toMap());
            return text.toString();
        }
        var drawn = all ? graph : graph.folded();
        return switch (format()) {
            case DOT -> drawn.toDot();
            case SVG -> drawn.toSvg();
        };
    }

    private Format format() {
        if (format != null) {
            return format;
        }
        return isSvg(output) ? Format.SVG : Format.DOT;
    }

    private static boolean isSvg(@Nullable Path file) {
        return file != null && file.toString().toLowerCase(Locale.ROOT).endsWith(".svg");
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw CommandException.failed(
                    "%s cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }
}
