package dev.muster.examples;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// Compiles the Java of a guide, all blocks of a page together.
///
/// A block with a class, record, interface or enum at its left margin is a file of its own; it has
/// the imports below when it names none. Any other is a fragment: its imports are moved to the top,
/// and the rest goes into a class, as its members when it begins with an annotation, and otherwise
/// as statements of a method. A fragment has the imports below, a variable `muster`, and the
/// classes that the page declares elsewhere.
final class Snippets {
    private static final Pattern TYPE =
            Pattern.compile(
                    "(?m)^(?:public |final |abstract |sealed )*(?:class|record|interface|enum) (\\w+)");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\n");

    private static final String IMPORTS =
            """
            import static dev.muster.queue.Canvas.*;
            import dev.muster.queue.*;
            import dev.muster.queue.spi.*;
            import java.math.*;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;
            """;

    private Snippets() {}

    /// What the compiler says, empty when all is well.
    ///
    /// @param folder for the class files
    static List<String> compile(Guide guide, Path folder) {
        var sources = new ArrayList<Source>();
        for (var block : guide.blocks()) {
            sources.add(source(block));
        }
        if (sources.isEmpty()) {
            return List.of();
        }
        var said = new DiagnosticCollector<JavaFileObject>();
        var options =
                List.of(
                        "-d",
                        folder.toString(),
                        "-classpath",
                        System.getProperty("java.class.path"),
                        "-parameters",
                        "-proc:none",
                        "-Xlint:none");
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, said, options, null, sources)
                .call();
        return said.getDiagnostics().stream()
                .filter(message -> message.getKind() == Diagnostic.Kind.ERROR)
                .map(message -> describe(guide, message))
                .toList();
    }

    private static String describe(Guide guide, Diagnostic<? extends JavaFileObject> message) {
        var text = message.getMessage(Locale.ROOT);
        return message.getSource() instanceof Source source
                ? "%s, block in line %d: %s in: %s"
                        .formatted(guide, source.line, text, source.lineAt(message.getLineNumber()))
                : "%s: %s".formatted(guide, text);
    }

    private static Source source(Guide.Block block) {
        var type = TYPE.matcher(block.code());
        if (type.find()) {
            var hasImports = IMPORT.matcher(block.code()).find();
            return new Source(
                    type.group(1), block.line(), (hasImports ? "" : IMPORTS) + block.code());
        }
        var name = "Fragment" + block.line();
        var imports =
                IMPORT.matcher(block.code())
                        .results()
                        .map(found -> found.group())
                        .collect(Collectors.joining());
        var rest = IMPORT.matcher(block.code()).replaceAll("").stripLeading();
        var form =
                rest.startsWith("@")
                        ? "%s%s class %s { Muster muster;\n%s}\n"
                        : "%s%s class %s { void run(Muster muster) throws Exception {\n%s}}\n";
        return new Source(name, block.line(), form.formatted(IMPORTS, imports, name, rest));
    }

    private static final class Source extends SimpleJavaFileObject {
        private final int line;
        private final String code;

        private Source(String name, int line, String code) {
            super(URI.create("guide:///" + name + ".java"), Kind.SOURCE);
            this.line = line;
            this.code = code;
        }

        private String lineAt(long number) {
            return code.lines().skip(Math.max(0, number - 1)).findFirst().orElse("").strip();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}
