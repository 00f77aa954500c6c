package dev.muster.parallel.child;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The command that starts a child: the same JVM with the same class path.
final class JavaCommand {
    /// Options of this JVM that its children need as well, as the program would not run without.
    private static final List<String> INHERITED =
            List.of(
                    "-D",
                    "-ea",
                    "-enableassertions",
                    "-da",
                    "-disableassertions",
                    "-esa",
                    "-dsa",
                    "--add-opens",
                    "--add-exports",
                    "--add-reads",
                    "--add-modules",
                    "--enable-preview",
                    "--enable-native-access",
                    "--sun-misc-unsafe-memory-access");

    /// Those that have their value in the next word when they have no `=`.
    private static final Set<String> WITH_VALUE =
            Set.of(
                    "--add-opens",
                    "--add-exports",
                    "--add-reads",
                    "--add-modules",
                    "--enable-native-access");

    /// What takes a class path or the like; the word after it is a value, too.
    private static final Set<String> SKIPPED_WITH_VALUE =
            Set.of("-cp", "-classpath", "--class-path", "-p", "--module-path");

    /// Few threads and quick starts, as there is one such JVM for each processor. A JVM that is out
    /// of memory in one thread may hang in others, so it ends; what it says then belongs to the
    /// errors, where the parent looks.
    private static final List<String> OWN =
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:+DisplayVMOutputToStderr",
                    "-XX:-UsePerfData");

    private JavaCommand() {}

    /// @param mainClass run with `args`
    static List<String> of(ChildOptions options, Class<?> mainClass, String... args) {
        var cache = cache(options, mainClass);
        return of(options, cache.map(AotCache::options).orElse(List.of()), mainClass, args);
    }

    /// Has the cache for quick starts made, if it is missing.
    static void makeCache(ChildOptions options) {
        cache(options, ChildMain.class)
                .ifPresent(cache -> cache.makeIfMissing(of(options, List.of(), ChildMain.class)));
    }

    private static Optional<AotCache> cache(ChildOptions options, Class<?> mainClass) {
        return Optional.ofNullable(options.cacheFolder())
                .flatMap(folder -> AotCache.of(classPath(options, mainClass), folder));
    }

    private static List<String> of(
            ChildOptions options, List<String> more, Class<?> mainClass, String... args) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OWN);
        command.addAll(more);
        command.addAll(inherited(ownArguments()));
        command.addAll(options.jvmOptions());
        command.add("-cp");
        command.add(classPath(options, mainClass));
        command.add(mainClass.getName());
        command.addAll(List.of(args));
        return command;
    }

    /// Read from the system: the JVM's own list of them is in a module that takes long to load.
    private static List<String> ownArguments() {
        return ProcessHandle.current().info().arguments().map(Arrays::asList).orElseGet(List::of);
    }

    /// @param arguments all of a `java` command
    static List<String> inherited(List<String> arguments) {
        var kept = new ArrayList<String>();
        var words = arguments.iterator();
        while (words.hasNext()) {
            var word = words.next();
            if (!word.startsWith("-") || word.equals("-jar") || word.equals("-m")) {
                break; // from here on they are the program's
            }
            if (SKIPPED_WITH_VALUE.contains(word) && words.hasNext()) {
                words.next();
            } else if (INHERITED.stream().anyMatch(word::startsWith)) {
                kept.add(word);
                if (WITH_VALUE.contains(word) && words.hasNext()) {
                    kept.add(words.next());
                }
            }
        }
        return kept;
    }

    private static String classPath(ChildOptions options, Class<?> mainClass) {
        var entries = new LinkedHashSet<String>();
        if (options.classPath().isEmpty()) {
            entries(System.getProperty("java.class.path")).forEach(entries::add);
            entries(System.getProperty("jdk.module.path")).forEach(entries::add);
            entries.add(home(mainClass));
        } else {
            // Another program may bring another version of these classes, and parent and child
            // have to be of the same.
            entries.add(home(mainClass));
            options.classPath().forEach(path -> entries.add(path.toString()));
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Stream<String> entries(@Nullable String path) {
        return path == null
                ? Stream.empty()
                : Arrays.stream(path.split(File.pathSeparator, -1))
                        .filter(entry -> !entry.isEmpty())
                        .map(entry -> Path.of(entry).toAbsolutePath().toString());
    }

    /// The jar or folder of our own classes, which are not on the class path of every program.
    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException | RuntimeException e) {
            throw new IllegalStateException(
                    "child processes need muster-parallel as a jar file of its own, not inside of another",
                    e);
        }
    }
}
