package dev.muster.parallel;

/// Calls in child processes.
final class ProcessPool extends JobPool {
    ProcessPool(int size, ProcessOptions options) {
        var children = options.children(size);
        super(children, options.values(children.folder()));
    }
}
