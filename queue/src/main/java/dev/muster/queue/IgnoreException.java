package dev.muster.queue;

/// The task has ended, and nothing shall be stored: the record stays as the task has left it. Made
/// by [TaskContext#ignore()].
public final class IgnoreException extends TaskControlException {
    IgnoreException() {
        super("the task wants its outcome to be ignored", null);
    }
}
