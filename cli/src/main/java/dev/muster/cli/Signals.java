package dev.muster.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// POSIX signals, by way of `sun.misc.Signal`, the only one there is. By reflection, as the
/// compiler warns of that class without a way to say that it is meant, and as a JVM may lack it.
final class Signals {
    private Signals() {}

    /// Runs the handler, on a thread of its own, each time the signal comes, in place of what the
    /// JVM does.
    ///
    /// @param name without `SIG`
    /// @return false when this JVM does not allow it
    static boolean handle(String name, Runnable handler) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handlerType = Class.forName("sun.misc.SignalHandler");
            var proxy =
                    Proxy.newProxyInstance(
                            handlerType.getClassLoader(),
                            new Class<?>[] {handlerType},
                            new Handler(handler));
            signal.getMethod("handle", signal, handlerType)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return false;
        }
    }

    /// Stands in for a `sun.misc.SignalHandler`.
    private record Handler(Runnable action) implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args)
                throws ReflectiveOperationException {
            if (method.getDeclaringClass() == Object.class) {
                return method.invoke(this, args);
            }
            action.run();
            return null;
        }
    }
}
