package dev.muster.parallel.child;

/// The signal of Ctrl-C, which a terminal sends to children as well. What it means for them is
/// their parent's decision; they end when it does.
final class Interrupts {
    private Interrupts() {}

    /// By reflection, as the compiler warns of this class without a way to say that it is meant.
    static void ignore() {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance("INT"),
                            handler.getField("SIG_IGN").get(null));
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            // A JVM without it ends its children with Ctrl-C, which is no harm.
        }
    }
}
