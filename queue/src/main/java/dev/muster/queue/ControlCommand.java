package dev.muster.queue;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Makes a method a command that workers obey, beside those of Celery: what others send by
/// [dev.muster.queue.control.Control], by `muster inspect` and `muster control`, or by Celery's
/// `broadcast`. It is found as tasks are, among the methods of the classes and objects of an
/// application.
///
/// The arguments of the command are bound to the parameters by their names; see [Default] and
/// [Kwargs]. A parameter of type [Worker] is the worker that has heard it. What the method returns
/// is the answer, and a [dev.muster.queue.control.CommandException] refuses. A worker hears one
/// command after the other, so it should be quick.
///
/// ```java
/// @ControlCommand(name = "queue_length")
/// static Map<String, Object> queueLength(Worker worker, @Default("celery") String queue) { … }
/// ```
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ControlCommand {
    /// The name on the wire; by default that of the method. It must not be that of another command.
    String name() default "";

    /// Further names that it answers to.
    String[] aliases() default {};
}
