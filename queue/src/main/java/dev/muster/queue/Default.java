package dev.muster.queue;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The value of a task's parameter that a call leaves out.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface Default {
    /// For a `String` the text itself; for every other type its JSON form, or plain text where that
    /// is no JSON: `@Default("800") int width`, `@Default("[1, 2]") List<Integer> sizes`,
    /// `@Default("PNG") Format format`.
    String value();
}
