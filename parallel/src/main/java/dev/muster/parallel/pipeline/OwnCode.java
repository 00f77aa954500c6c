package dev.muster.parallel.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// Gives each function that is used in a pipeline a copy of its stage's class, so that the stages
/// of a pipeline are compiled into one another.
///
/// The compiler inlines a call when it has only ever seen one or two targets at that place in the
/// byte code. With one `MapStage` for all functions of a program, the call of the function and that
/// of the next stage have as many targets as there are functions, and each item pays for real
/// calls. A copy, made as a hidden class from the same class file, is a place of its own. There is
/// one for each class of function, which is one for each lambda in the source, so pipelines that
/// are built again and again by the same code share what is compiled already.
final class OwnCode {
    private final Class<?> template;
    private final MethodType constructor;

    private final ClassValue<MethodHandle> makers =
            new ClassValue<>() {
                @Override
                protected MethodHandle computeValue(Class<?> function) {
                    return copy();
                }
            };

    /// @param template its superclass and constructor are the same in all copies
    /// @param parameters those of the constructor, of which the first is the function
    OwnCode(Class<?> template, Class<?>... parameters) {
        this.template = template;
        this.constructor = MethodType.methodType(void.class, parameters);
    }

    private MethodHandle copy() {
        var lookup = MethodHandles.lookup();
        var file = template.getSimpleName() + ".class";
        try (var code = template.getResourceAsStream(file)) {
            // Where class files cannot be read back, the shared class does the same, slower.
            var type =
                    code == null
                            ? template
                            : lookup.defineHiddenClass(code.readAllBytes(), false).lookupClass();
            return lookup.findConstructor(type, constructor)
                    .asType(constructor.generic().changeReturnType(Stage.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(template + " has no constructor " + constructor, e);
        }
    }

    @SuppressWarnings("unchecked") // the constructor's own parameters say what the stage takes
    <T> Stage<T> make(Object function, Object... rest) {
        var arguments = new Object[rest.length + 1];
        arguments[0] = function;
        System.arraycopy(rest, 0, arguments, 1, rest.length);
        try {
            return (Stage<T>) makers.get(function.getClass()).invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("constructors of stages throw nothing", e);
        }
    }
}
