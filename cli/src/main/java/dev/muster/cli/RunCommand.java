package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Compiles a Java file and runs its main method, as java FILE.java does, with Muster on the class path.",
            "",
            "Options stand before FILE; what follows it goes to the program.",
            "",
            "Other source files that it refers to are compiled with it when they stand in the same source tree.",
            "",
            "When no broker is configured, its tasks run here, in a worker that lives as long as the main method."
        },
        footer = {"", "Example:", "  muster run Currency.java EURUSD CHFUSD"})
final class RunCommand implements Callable<Integer> {
    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ClassPathOption classPath = new ClassPathOption();

    @Option(
            names = "--worker",
            negatable = true,
            description =
                    "Run the file's tasks here, also when a broker is configured; --no-worker: never.")
    private @Nullable Boolean worker;

    @Parameters(index = "0", paramLabel = "FILE.java", description = "The program.")
    private Path file = Path.of("");

    @Parameters(index = "1..*", paramLabel = "ARG", description = "Its arguments.")
    private List<String> args = List.of();

    @Override
    public Integer call() {
        if (!Files.isRegularFile(file)) {
            throw CommandException.wrongUse("there is no file %s".formatted(file));
        }
        connection
                .load(); // a mistake in the settings is told here, not in the middle of the program
        connection.passOn();
        System.setProperty("jdk.launcher.sourcefile", file.toString()); // as java FILE.java does
        LogConfigurator.use(connection.logLevel(LogLevel.WARNING));
        var source = JavaSource.compile(file, classPath.paths());
        var loader = new MemoryClassLoader(source.classes(), ClassPath.loader(classPath.paths()));
        return run(MainMethod.of(type(loader, source.mainClass())), Application.of(source, loader));
    }

    private static Class<?> type(ClassLoader loader, String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the compiler has not made the class " + name, e);
        }
    }

    /// Null when the tasks are run elsewhere.
    private @Nullable EmbeddedWorker embeddedWorker(Application application) {
        if (application.isEmpty() || Boolean.FALSE.equals(worker)) {
            return null;
        }
        if (worker == null && connection.load().isSet(Setting.BROKER_URL)) {
            return null;
        }
        return EmbeddedWorker.start(application.registerWith(Muster.builder()).build());
    }

    private int run(MainMethod main, Application application) {
        Thread.currentThread().setContextClassLoader(application.loader());
        Throwable failure;
        try (var _ = embeddedWorker(application)) {
            failure = main.run(args.toArray(String[]::new));
        }
        if (failure == null) {
            return 0;
        }
        System.err.printf("Exception in thread \"%s\" ", Thread.currentThread().getName());
        failure.printStackTrace();
        return 1;
    }
}
