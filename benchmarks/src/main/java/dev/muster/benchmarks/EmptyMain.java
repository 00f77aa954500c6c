package dev.muster.benchmarks;

/// What a JVM takes to start and to end.
final class EmptyMain {
    private EmptyMain() {}

    public static void main(String[] args) {}
}
