package dev.muster.queue;

import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/// Finds the task that a method reference names.
///
/// The compiler gives a serializable reference a method that describes it as a [SerializedLambda]:
/// the class, name and signature of the method referred to. Only this description is read; no
/// bytecode is, and the reference is never run.
final class TaskLookup {
    /// By the reference's class, which belongs to one place in the source, so what it names never
    /// changes.
    private static final ClassValue<AtomicReference<TaskDefinition>> KNOWN =
            new ClassValue<>() {
                @Override
                protected AtomicReference<TaskDefinition> computeValue(Class<?> type) {
                    return new AtomicReference<>();
                }
            };

    private TaskLookup() {}

    /// @throws NotATaskException when the reference is to something else than a task
    static TaskDefinition definitionOf(TaskReference<?> reference) {
        var known = KNOWN.get(reference.getClass());
        var definition = known.get();
        if (definition == null) {
            definition = TaskDefinition.of(methodOf(reference), null);
            known.set(definition);
        }
        return definition;
    }

    private static Method methodOf(TaskReference<?> reference) {
        var described = describe(reference);
        var owner = described.getImplClass().replace('/', '.');
        var name = described.getImplMethodName();
        if (name.startsWith("lambda$")) {
            throw new NotATaskException(
                    ("the call in %s is made with a lambda, or with a reference to a method with variable"
                                    + " arguments; write a method reference such as %s::run to a method annotated with @Task, or"
                                    + " call(\"name\", …) with the task's name")
                            .formatted(owner, simpleName(owner)));
        }
        try {
            var loader = reference.getClass().getClassLoader();
            var type = Class.forName(owner, false, loader);
            var parameters =
                    MethodType.fromMethodDescriptorString(
                                    described.getImplMethodSignature(), loader)
                            .parameterArray();
            return Arrays.stream(type.getDeclaredMethods())
                    .filter(method ->
                            method.getName().equals(name)
                                    && Arrays.equals(method.getParameterTypes(), parameters)
                                    && !method.isBridge())
                    .findFirst()
                    .orElseThrow(() ->
                            new NotATaskException(
                                    "%s::%s is inherited or a constructor; refer to the class that declares the @Task method"
                                            .formatted(simpleName(owner), name)));
        } catch (ClassNotFoundException e) {
            throw new NotATaskException(
                    "the class %s of the referenced method cannot be found".formatted(owner));
        }
    }

    private static SerializedLambda describe(TaskReference<?> reference) {
        try {
            var writeReplace = reference.getClass().getDeclaredMethod("writeReplace");
            writeReplace.setAccessible(true);
            if (writeReplace.invoke(reference) instanceof SerializedLambda described) {
                return described;
            }
        } catch (ReflectiveOperationException e) {
            // Answered below: only what the compiler made of a method reference has this method.
        }
        throw new NotATaskException(
                "%s is no method reference; write one such as Currency::rate, or call(\"name\", …)"
                        .formatted(reference.getClass().getName()));
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1).replace('$', '.');
    }
}
