package dev.muster.parallel.pipeline;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A run of plain functions as one piece of byte code, which is what a programmer would write. For
/// a map and a filter:
///
/// ```java
/// var map = function0;
/// var filter = function1;
/// for (var value : values) {
///     life.checkOpen();
///     value = map.apply(value);
///     if (filter.test(value)) {
///         end.send(value);
///     }
/// }
/// ```
///
/// There is one class for each row of classes of functions, and a lambda has a class for each place
/// in the source. So pipelines that are built again and again by the same code share what is
/// compiled already, and no others disturb it: the compiler inlines a call when it has only ever
/// seen one or two targets at that place in the byte code. With the functions in local variables it
/// need not look again at each value whether they are still the same.
abstract class FusedCode {
    private static final MethodType CONSTRUCTOR =
            MethodType.methodType(void.class, Object[].class, Stage.class, Life.class);

    final Stage<?> end;
    final Life life;

    FusedCode(Stage<?> end, Life life) {
        this.end = end;
        this.life = life;
    }

    /// @throws StageClosedException when the run is closed
    abstract void send(Object value);

    /// Sends all in one loop.
    ///
    /// @throws StageClosedException when the run is closed
    abstract void sendAll(Iterable<?> values);

    /// @param end where the values go that come out of the last function
    static FusedCode of(List<Step> steps, Stage<?> end, Life life) {
        var shape = Shape.EMPTY;
        for (var step : steps) {
            shape = shape.with(step);
        }
        try {
            var functions = steps.stream().map(Step::function).toArray();
            return (FusedCode) shape.constructor().invokeExact(functions, end, life);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the constructor throws nothing", e);
        }
    }

    /// A row of classes of functions. It is found through these classes, so that it can be unloaded
    /// with them.
    private static final class Shape {
        private static final Shape EMPTY = new Shape(List.of());

        private final List<Step.Kind> kinds;
        private final EnumMap<Step.Kind, ClassValue<Shape>> longer =
                new EnumMap<>(Step.Kind.class); // by the kind of the next step
        private @Nullable MethodHandle constructor;

        private Shape(List<Step.Kind> kinds) {
            this.kinds = kinds;
            for (var kind : Step.Kind.values()) {
                longer.put(kind, longer(kinds, kind));
            }
        }

        private static ClassValue<Shape> longer(List<Step.Kind> kinds, Step.Kind kind) {
            return new ClassValue<>() {
                @Override
                protected Shape computeValue(Class<?> function) {
                    var all = new ArrayList<>(kinds);
                    all.add(kind);
                    return new Shape(List.copyOf(all));
                }
            };
        }

        private Shape with(Step step) {
            return Objects.requireNonNull(longer.get(step.kind())).get(step.function().getClass());
        }

        private synchronized MethodHandle constructor() throws ReflectiveOperationException {
            var known = constructor;
            if (known == null) {
                var lookup = MethodHandles.lookup();
                var type = lookup.defineHiddenClass(new FusedWriter(kinds).write(), false);
                known =
                        type.findConstructor(type.lookupClass(), CONSTRUCTOR)
                                .asType(CONSTRUCTOR.changeReturnType(FusedCode.class));
                constructor = known;
            }
            return known;
        }
    }
}
