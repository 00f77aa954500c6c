package dev.muster.queue;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The tasks that a worker can run, by every name that they answer to. Immutable.
final class TaskRegistry {
    private final Map<String, TaskDefinition> byName;
    private final Map<String, TaskDefinition> byAlias;

    private TaskRegistry(Collection<TaskDefinition> definitions) {
        var names = new TreeMap<String, TaskDefinition>();
        for (var definition : definitions) {
            var other = names.putIfAbsent(definition.name(), definition);
            if (other != null && !other.place().equals(definition.place())) {
                throw new NotATaskException(
                        "two tasks are named '%s': %s and %s; give one of them another name with @Task(name = …)"
                                .formatted(definition.name(), other.place(), definition.place()));
            }
        }
        var aliases = new LinkedHashMap<String, TaskDefinition>();
        for (var definition : names.values()) {
            for (var alias : definition.aliases()) {
                var other = names.getOrDefault(alias, aliases.put(alias, definition));
                if (other != null && other != definition) {
                    throw new NotATaskException(
                            "two tasks answer to '%s': %s and %s; rename one, or drop the alias"
                                    .formatted(alias, other.place(), definition.place()));
                }
            }
        }
        this.byName = names;
        this.byAlias = aliases;
    }

    /// The tasks that are static methods of the classes and their nested classes, and the tasks of
    /// the objects.
    ///
    /// @throws NotATaskException when a class has an instance method as task but no object of it is
    ///   given, or two tasks have one name
    static TaskRegistry of(Collection<Class<?>> classes, Collection<TaskObject> objects) {
        var ofObjects =
                objects.stream()
                        .flatMap(object ->
                                methods(object.type(), Task.class)
                                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                                        .map(method -> TaskDefinition.of(method, object.source())))
                        .toList();
        var ofClasses =
                types(classes, objects)
                        .flatMap(type -> methods(type, Task.class))
                        .map(method -> TaskDefinition.of(method, null))
                        .filter(definition ->
                                !definition.needsTarget() || !isAmong(ofObjects, definition))
                        .toList();
        ofClasses.stream()
                .filter(TaskDefinition::needsTarget)
                .findFirst()
                .ifPresent(definition -> {
                    throw new NotATaskException(
                            "%s is an instance method: give an object to register(new …), or make it static"
                                    .formatted(definition.place()));
                });
        return new TaskRegistry(Stream.concat(ofObjects.stream(), ofClasses.stream()).toList());
    }

    private static boolean isAmong(List<TaskDefinition> definitions, TaskDefinition wanted) {
        return definitions.stream()
                .anyMatch(definition -> definition.place().equals(wanted.place()));
    }

    /// The classes and those of the objects, and all that are nested in them.
    static Stream<Class<?>> types(Collection<Class<?>> classes, Collection<TaskObject> objects) {
        return Stream.concat(classes.stream(), objects.stream().map(TaskObject::type))
                .flatMap(TaskRegistry::withNested)
                .distinct();
    }

    private static Stream<Class<?>> withNested(Class<?> type) {
        return Stream.concat(
                Stream.of(type),
                Arrays.stream(type.getDeclaredClasses()).flatMap(TaskRegistry::withNested));
    }

    /// Those with the annotation of the class and its superclasses, in the order of their names,
    /// because the JVM gives them in none.
    static Stream<Method> methods(Class<?> type, Class<? extends Annotation> annotation) {
        return Stream.<Class<?>>iterate(type, next -> next != null, Class::getSuperclass)
                .flatMap(declaring -> Arrays.stream(declaring.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(annotation) && !method.isBridge())
                .sorted(Comparator.comparing(Method::toString));
    }

    Optional<TaskDefinition> find(@Nullable String name) {
        return Optional.ofNullable(name)
                .map(known -> byName.getOrDefault(known, byAlias.get(known)));
    }

    /// Sorted by name.
    Collection<TaskDefinition> all() {
        return byName.values();
    }
}
