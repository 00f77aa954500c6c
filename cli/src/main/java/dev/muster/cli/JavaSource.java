package dev.muster.cli;

import com.sun.source.tree.ClassTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// A Java source file, compiled in memory, with the files of its source tree that it refers to: the
/// rules of `java File.java`.
///
/// @param mainClass the first top-level class of the file, which may be the unnamed class of a
///   compact source file
/// @param classes class files by the names of the classes
record JavaSource(String mainClass, Map<String, byte[]> classes) {
    private static final Pattern PACKAGE = Pattern.compile("(?m)^\\s*package\\s+([\\w.]+)\\s*;");

    JavaSource {
        classes = Map.copyOf(classes);
    }

    /// @param classPath further jars and folders, besides the command's own classes
    /// @throws CommandException when the file cannot be read, or does not compile; the message
    ///   holds what the compiler says
    static JavaSource compile(Path file, List<Path> classPath) {
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw CommandException.failed("this Java has no compiler; set JAVA_HOME to a JDK");
        }
        var options =
                new ArrayList<>(
                        List.of(
                                "-parameters",
                                "-proc:none",
                                "-nowarn",
                                "-Xlint:none",
                                "-encoding",
                                "UTF-8",
                                "-implicit:class"));
        options.addAll(List.of("-classpath", ClassPath.text(classPath)));
        options.addAll(List.of("-sourcepath", sourceRoot(file).map(Path::toString).orElse("")));
        var messages = new StringWriter();
        var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        try (var memory = new MemoryFiles(files)) {
            var task =
                    (JavacTask)
                            compiler.getTask(
                                    messages,
                                    memory,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file));
            var first = new FirstClass();
            task.addTaskListener(first);
            if (!task.call()) {
                throw CommandException.wrongUse(
                        "%s does not compile%n%s".formatted(file, messages.toString().strip()));
            }
            if (first.name == null) {
                throw CommandException.wrongUse("%s holds no class and no method".formatted(file));
            }
            return new JavaSource(first.name, memory.classes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The folder in which the file's package begins; empty when the file does not stand where its
    /// package says.
    private static Optional<Path> sourceRoot(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw CommandException.wrongUse(
                    e instanceof NoSuchFileException
                            ? "there is no file %s".formatted(file)
                            : "%s cannot be read as UTF-8 text: %s".formatted(file, e.getMessage()),
                    e);
        }
        var declared = PACKAGE.matcher(text);
        Path folder = file.toAbsolutePath().getParent();
        if (declared.find()) {
            var names = declared.group(1).split("\\.", -1);
            for (var index = names.length - 1; index >= 0; index--) {
                if (folder == null
                        || folder.getFileName() == null
                        || !folder.endsWith(names[index])) {
                    return Optional.empty();
                }
                folder = folder.getParent();
            }
        }
        return Optional.ofNullable(folder);
    }

    /// Notes the first top-level class of the first file that is parsed, which is the one given.
    private static final class FirstClass implements TaskListener {
        private @Nullable String name;

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() == TaskEvent.Kind.PARSE && name == null) {
                var unit = event.getCompilationUnit();
                var prefix = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
                name =
                        unit.getTypeDecls().stream()
                                .filter(ClassTree.class::isInstance)
                                .map(tree -> prefix + ((ClassTree) tree).getSimpleName())
                                .findFirst()
                                .orElse(null);
            }
        }
    }

    /// Keeps what the compiler writes.
    private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new LinkedHashMap<>();

        MemoryFiles(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location,
                String className,
                JavaFileObject.Kind kind,
                @Nullable FileObject sibling) {
            return new SimpleJavaFileObject(
                    URI.create("memory:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    var content = new ByteArrayOutputStream();
                    written.put(className, content);
                    return content;
                }
            };
        }

        Map<String, byte[]> classes() {
            return written.entrySet().stream()
                    .collect(
                            Collectors.toMap(
                                    Map.Entry::getKey, entry -> entry.getValue().toByteArray()));
        }
    }
}
