package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.Settings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Where the tasks are.
final class ApplicationOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec verb;

    @Option(
            names = {"-A", "--app"},
            paramLabel = "APP",
            description =
                    "Where the tasks are: a .java file, a .jar file, or the name of a class that is on --classpath.")
    private @Nullable String app;

    @Mixin private ClassPathOption classPath = new ClassPathOption();

    /// Registers the tasks, if an application was named.
    Muster.Builder registerWith(Muster.Builder builder) {
        return app == null ? builder : load().registerWith(builder);
    }

    /// Refuses a name that is misspelt: who names an application means a task of it.
    ///
    /// @param muster with which the tasks were registered
    void requireTask(Muster muster, String name) {
        if (app == null || muster.hasTask(name)) {
            return;
        }
        var names =
                muster.tasks().stream().map(task -> task.substring(0, task.indexOf('('))).toList();
        throw CommandException.wrongUse(
                "there is no task '%s' in %s%s"
                        .formatted(
                                name,
                                app,
                                Settings.near(name, names)
                                        .map("; did you mean '%s'?"::formatted)
                                        .orElse(", and without -A any name is sent")));
    }

    Application load() {
        if (app == null) {
            throw new ParameterException(
                    Objects.requireNonNull(verb, "verb").commandLine(),
                    "the option -A APP is missing: say which .java file, .jar file or class holds the tasks");
        }
        return Application.load(app, classPath.paths());
    }
}
