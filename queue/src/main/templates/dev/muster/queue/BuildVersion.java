package dev.muster.queue;

/// What the build knows. A constant, as a file among the resources would have each start of the
/// command open the jar, for a seventh of the time that `muster --version` takes.
final class BuildVersion {
    static final String PROJECT = "${project.version}";

    private BuildVersion() {}
}
