package dev.muster.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The main method of a program, by the rules of Java 25 (JEP 512): static or not, with or without
/// `String[]`, anything but private; the one with the arguments first.
final class MainMethod {
    private final Class<?> type;
    private final Method method;

    private MainMethod(Class<?> type, Method method) {
        this.type = type;
        this.method = method;
    }

    /// @throws CommandException when the class has none
    static MainMethod of(Class<?> type) {
        return find(type, String[].class)
                .or(() -> find(type))
                .map(method -> new MainMethod(type, method))
                .orElseThrow(() ->
                        CommandException.wrongUse(
                                "the class %s has no main method; write for example: void main() { … }"
                                        .formatted(type.getName())));
    }

    private static Optional<Method> find(Class<?> type, Class<?>... parameters) {
        return Stream.<Class<?>>iterate(type, next -> next != null, Class::getSuperclass)
                .flatMap(declaring -> Arrays.stream(declaring.getDeclaredMethods()))
                .filter(method ->
                        method.getName().equals("main")
                                && method.getReturnType() == void.class
                                && !Modifier.isPrivate(method.getModifiers())
                                && Arrays.equals(method.getParameterTypes(), parameters))
                .findFirst();
    }

    /// Runs the program on the calling thread.
    ///
    /// @return what it ended with: null, or an exception, whose stack trace is cut off below the
    ///   main method
    @Nullable Throwable run(String[] args) {
        try {
            method.setAccessible(true);
            var target =
                    Modifier.isStatic(method.getModifiers()) ? null : constructor().newInstance();
            if (method.getParameterCount() == 0) {
                method.invoke(target);
            } else {
                method.invoke(target, (Object) args);
            }
            return null;
        } catch (InvocationTargetException e) {
            return trim(e.getTargetException());
        } catch (ReflectiveOperationException e) {
            throw CommandException.wrongUse(
                    "the main method of %s cannot be called: %s"
                            .formatted(type.getName(), e.getMessage()),
                    e);
        }
    }

    private Constructor<?> constructor() {
        try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor;
        } catch (NoSuchMethodException e) {
            throw CommandException.wrongUse(
                    "main is an instance method, but %s has no constructor without parameters; add one, or make main static"
                            .formatted(type.getName()),
                    e);
        }
    }

    private Throwable trim(Throwable thrown) {
        var frames = thrown.getStackTrace();
        var kept = frames.length;
        for (var index = frames.length - 1; index >= 0; index--) {
            var owner = frames[index].getClassName();
            if (owner.equals(type.getName())
                    || owner.equals(method.getDeclaringClass().getName())) {
                kept = index + 1;
                break;
            }
        }
        thrown.setStackTrace(Arrays.copyOf(frames, kept));
        if (thrown.getCause() != null) {
            trim(thrown.getCause());
        }
        return thrown;
    }
}
