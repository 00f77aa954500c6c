package dev.muster.queue;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/// Carries a generic type to run time: `new TypeRef<List<Integer>>() {}`.
///
/// @param <T> the type meant
public abstract class TypeRef<T> {
    private final Type type;

    protected TypeRef() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType superclass)) {
            throw new IllegalStateException(
                    "write new TypeRef<List<Integer>>() {}, with the type in the brackets");
        }
        this.type = superclass.getActualTypeArguments()[0];
    }

    Type type() {
        return type;
    }
}
