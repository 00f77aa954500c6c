package dev.muster.queue;

import java.util.function.Supplier;

/// An object whose methods are tasks, or where to get it when one is to be run.
///
/// @param type whose methods are looked at
record TaskObject(Class<?> type, Supplier<?> source) {
    static TaskObject of(Object object) {
        return new TaskObject(object.getClass(), () -> object);
    }
}
