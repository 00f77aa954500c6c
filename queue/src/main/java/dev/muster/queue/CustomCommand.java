package dev.muster.queue;

import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.control.Arguments;
import dev.muster.queue.control.CommandException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A command of the application's own.
///
/// @param target where the object is from; null for a static method
record CustomCommand(
        List<String> names,
        Method method,
        @Nullable Supplier<?> target,
        TaskParameters parameters) {

    /// Those among the methods of classes, their nested classes, and objects.
    ///
    /// @throws NotATaskException when one cannot be called
    static List<CustomCommand> of(Collection<Class<?>> classes, Collection<TaskObject> objects) {
        var ofObjects =
                objects.stream()
                        .flatMap(object ->
                                TaskRegistry.methods(object.type(), ControlCommand.class)
                                        .filter(method -> !isStatic(method))
                                        .map(method -> of(method, object.source())))
                        .toList();
        var ofClasses =
                TaskRegistry.types(classes, objects)
                        .flatMap(type -> TaskRegistry.methods(type, ControlCommand.class))
                        .filter(method ->
                                isStatic(method)
                                        || ofObjects.stream()
                                                .noneMatch(known -> known.method.equals(method)))
                        .map(method -> of(method, null))
                        .toList();
        return Stream.concat(ofObjects.stream(), ofClasses.stream()).toList();
    }

    private static boolean isStatic(Method method) {
        return Modifier.isStatic(method.getModifiers());
    }

    private static CustomCommand of(Method method, @Nullable Supplier<?> target) {
        if (target == null && !isStatic(method)) {
            throw new NotATaskException(
                    "%s is an instance method: give an object to register(new …), or make it static"
                            .formatted(method));
        }
        if (!method.trySetAccessible()) {
            throw new NotATaskException(
                    "%s cannot be called: its module does not open its package".formatted(method));
        }
        var annotation = method.getAnnotation(ControlCommand.class);
        var names = new ArrayList<String>();
        names.add(annotation.name().isEmpty() ? method.getName() : annotation.name());
        names.addAll(List.of(annotation.aliases()));
        return new CustomCommand(
                List.copyOf(names), method, target, TaskParameters.of(method, Worker.class));
    }

    /// @throws CommandException when the arguments do not fit, or the method throws
    @Nullable Object obey(Worker worker, Arguments arguments, Json json) {
        try {
            var values =
                    parameters.bind(
                            arguments.command(), worker, List.of(), arguments.values(), json);
            return json.toPlain(method.invoke(target == null ? null : target.get(), values));
        } catch (TaskArgumentException e) {
            throw new CommandException("TypeError(%s)".formatted(PythonRepr.value(e.getMessage())));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof CommandException refusal) {
                throw refusal;
            }
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " cannot be called", e);
        }
    }
}
