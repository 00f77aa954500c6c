package dev.muster.cli;

import dev.muster.queue.Muster;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/// The tasks of a source file, a jar or a class.
///
/// @param types the classes with tasks
/// @param objects one object of each class whose tasks are instance methods
record Application(ClassLoader loader, List<Class<?>> types, List<Object> objects) {
    Application {
        types = List.copyOf(types);
        objects = List.copyOf(objects);
    }

    /// @param app a `.java` file, a `.jar` file, or the name of a class
    /// @param classPath further jars and folders
    /// @throws CommandException when it cannot be read or compiled, or has no tasks
    static Application load(String app, List<Path> classPath) {
        var application = load(app, classPath, app.endsWith(".java"), app.endsWith(".jar"));
        if (application.isEmpty()) {
            throw CommandException.wrongUse(
                    "there is no method with @Task or @ControlCommand in %s".formatted(app));
        }
        return application;
    }

    private static Application load(
            String app, List<Path> classPath, boolean isSource, boolean isJar) {
        if (isSource) {
            // As java FILE.java does, so that a program finds the data that lies beside its file.
            System.setProperty("jdk.launcher.sourcefile", app);
            var source = JavaSource.compile(Path.of(app), classPath);
            return of(source, new MemoryClassLoader(source.classes(), ClassPath.loader(classPath)));
        }
        return isJar ? ofJar(Path.of(app), classPath) : ofClass(app, classPath);
    }

    /// The tasks of a compiled source file; there may be none.
    static Application of(JavaSource source, ClassLoader loader) {
        var names =
                source.classes().entrySet().stream()
                        .filter(entry -> TaskScan.mayHaveTasks(entry.getValue()))
                        .map(entry -> entry.getKey());
        return of(loader, names);
    }

    private static Application ofJar(Path jar, List<Path> classPath) {
        if (!Files.isRegularFile(jar)) {
            throw CommandException.wrongUse("there is no file %s".formatted(jar));
        }
        var paths = new ArrayList<Path>();
        paths.add(jar);
        paths.addAll(classPath);
        var names = new ArrayList<String>();
        try (var file = new JarFile(jar.toFile())) {
            for (var entry : file.stream().toList()) {
                var name = entry.getName();
                if (name.endsWith(".class")
                        && !name.startsWith("META-INF/")
                        && !name.endsWith("-info.class")) {
                    try (var content = file.getInputStream(entry)) {
                        if (TaskScan.mayHaveTasks(content.readAllBytes())) {
                            names.add(
                                    name.substring(0, name.length() - ".class".length())
                                            .replace('/', '.'));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw CommandException.wrongUse(
                    "%s cannot be read as a jar: %s".formatted(jar, e.getMessage()), e);
        }
        return of(ClassPath.loader(paths), names.stream());
    }

    private static Application ofClass(String name, List<Path> classPath) {
        var loader = ClassPath.loader(classPath);
        return of(loader, withNested(type(loader, name)).map(Class::getName));
    }

    private static Stream<Class<?>> withNested(Class<?> type) {
        return Stream.concat(
                Stream.of(type),
                Arrays.stream(type.getDeclaredClasses()).flatMap(Application::withNested));
    }

    private static Application of(ClassLoader loader, Stream<String> names) {
        var types = new ArrayList<Class<?>>();
        var objects = new ArrayList<Object>();
        names.sorted()
                .map(name -> type(loader, name))
                .forEach(type -> {
                    var tasks = tasks(type);
                    if (tasks.stream().anyMatch(task -> !Modifier.isStatic(task.getModifiers()))) {
                        objects.add(instance(type, tasks));
                    } else if (!tasks.isEmpty()) {
                        types.add(type);
                    }
                });
        return new Application(loader, types, objects);
    }

    private static Class<?> type(ClassLoader loader, String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw CommandException.wrongUse(
                    "there is no class %s; -A takes a .java file, a .jar file, or the full name of a class that is on --classpath"
                            .formatted(name),
                    e);
        } catch (LinkageError e) {
            throw CommandException.wrongUse(
                    "the class %s cannot be loaded: %s. Does --classpath name all that it needs?"
                            .formatted(name, e),
                    e);
        }
    }

    private static List<Method> tasks(Class<?> type) {
        try {
            return Stream.<Class<?>>iterate(type, next -> next != null, Class::getSuperclass)
                    .flatMap(declaring -> Arrays.stream(declaring.getDeclaredMethods()))
                    .filter(method ->
                            TaskScan.ANNOTATIONS.stream().anyMatch(method::isAnnotationPresent))
                    .toList();
        } catch (LinkageError e) {
            throw CommandException.wrongUse(
                    "the class %s cannot be loaded: %s. Does --classpath name all that it needs?"
                            .formatted(type.getName(), e),
                    e);
        }
    }

    private static Object instance(Class<?> type, List<Method> tasks) {
        try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw CommandException.wrongUse(
                    "an object of %s, which its tasks need, cannot be made: %s"
                            .formatted(type.getName(), e.getCause()),
                    e);
        } catch (ReflectiveOperationException e) {
            throw CommandException.wrongUse(
                    "%s is an instance method with @Task or @ControlCommand, but %s has no constructor without parameters; add one, or make the method static"
                            .formatted(tasks.getFirst().getName(), type.getName()),
                    e);
        }
    }

    boolean isEmpty() {
        return types.isEmpty() && objects.isEmpty();
    }

    /// Adds the tasks to those of an application.
    Muster.Builder registerWith(Muster.Builder builder) {
        return builder.tasks(types.toArray(Class<?>[]::new)).register(objects.toArray());
    }
}
