package dev.muster.cli;

import dev.muster.queue.Workflow;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A static method without parameters that returns a workflow.
///
/// It is called rather than a field read, because a workflow is best made when it is asked for, and
/// a method can be written anywhere, also in a file without a class.
final class WorkflowMethod {
    private final Method method;

    private WorkflowMethod(Method method) {
        this.method = method;
    }

    /// @param app a `.java` file, a `.jar` file, or the name of a class
    /// @param name of the method; in a jar with its class before it, elsewhere if there are several
    /// @throws CommandException when there is none, or more than one
    static WorkflowMethod find(String app, List<Path> classPath, String name) {
        var dot = name.lastIndexOf('.');
        var type = name.substring(0, Math.max(dot, 0));
        var simpleName = name.substring(dot + 1);
        var candidates =
                types(app, classPath, type)
                        .filter(each -> type.isEmpty() || isNamed(each, type))
                        .flatMap(each -> Arrays.stream(each.getDeclaredMethods()))
                        .filter(WorkflowMethod::isWorkflow)
                        .toList();
        var found =
                candidates.stream().filter(method -> method.getName().equals(simpleName)).toList();
        return switch (found.size()) {
            case 1 -> new WorkflowMethod(found.getFirst());
            case 0 ->
                    throw CommandException.wrongUse(
                            "there is no static method %s() in %s that returns a Workflow%s"
                                    .formatted(name, app, known(candidates)));
            default ->
                    throw CommandException.wrongUse(
                            "there are several methods %s() in %s; say which%s"
                                    .formatted(name, app, known(found)));
        };
    }

    private static String known(Collection<Method> methods) {
        return methods.isEmpty()
                ? ""
                : methods.stream()
                        .map(WorkflowMethod::name)
                        .sorted()
                        .collect(Collectors.joining(", ", ": ", ""));
    }

    private static Stream<Class<?>> types(String app, List<Path> classPath, String type) {
        if (app.endsWith(".java")) {
            System.setProperty("jdk.launcher.sourcefile", app); // as java FILE.java does
            var source = JavaSource.compile(Path.of(app), classPath);
            var loader = new MemoryClassLoader(source.classes(), ClassPath.loader(classPath));
            return source.classes().keySet().stream().sorted().map(name -> type(loader, name));
        }
        if (!app.endsWith(".jar")) {
            return withNested(type(ClassPath.loader(classPath), app));
        }
        if (!Files.isRegularFile(Path.of(app))) {
            throw CommandException.wrongUse("there is no file %s".formatted(app));
        }
        if (type.isEmpty()) {
            throw CommandException.wrongUse(
                    "of a jar, give the method with its class, such as com.example.Shop.report");
        }
        var paths = Stream.concat(Stream.of(Path.of(app)), classPath.stream()).toList();
        return Stream.of(type(ClassPath.loader(paths), type));
    }

    private static Stream<Class<?>> withNested(Class<?> type) {
        return Stream.concat(
                Stream.of(type),
                Arrays.stream(type.getDeclaredClasses()).flatMap(WorkflowMethod::withNested));
    }

    private static Class<?> type(ClassLoader loader, String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw CommandException.wrongUse(
                    "there is no class %s; does --classpath name where it is?".formatted(name), e);
        } catch (LinkageError e) {
            throw CommandException.wrongUse(
                    "the class %s cannot be loaded: %s. Does --classpath name all that it needs?"
                            .formatted(name, e),
                    e);
        }
    }

    private static boolean isNamed(Class<?> type, String name) {
        return name.equals(type.getName())
                || name.equals(type.getCanonicalName())
                || name.equals(type.getSimpleName());
    }

    private static boolean isWorkflow(Method method) {
        return Modifier.isStatic(method.getModifiers())
                && !method.isSynthetic()
                && method.getParameterCount() == 0
                && Workflow.class.isAssignableFrom(method.getReturnType());
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    /// Calls it.
    ///
    /// @throws CommandException when it fails, or returns null
    Workflow<?> call() {
        Thread.currentThread().setContextClassLoader(method.getDeclaringClass().getClassLoader());
        try {
            method.setAccessible(true);
            if (method.invoke(null) instanceof Workflow<?> workflow) {
                return workflow;
            }
            throw CommandException.failed("%s() returned null".formatted(name(method)));
        } catch (InvocationTargetException e) {
            throw CommandException.failed(
                    "%s() failed: %s".formatted(name(method), e.getCause()), e);
        } catch (IllegalAccessException e) {
            throw CommandException.failed(
                    "%s() cannot be called: %s".formatted(name(method), e.getMessage()), e);
        } catch (LinkageError e) {
            throw CommandException.failed("%s() failed: %s".formatted(name(method), e), e);
        }
    }
}
