/// The `muster` command: one small class per verb, which reads its options and leaves the work to
/// the other rooms.
///
/// Start at [Main]. What several verbs need stands beside them: the options that most share
/// ([ConnectionOptions], [ApplicationOptions]), the tasks and programs given as files
/// ([Application], [JavaSource]), and log lines as Celery's ([LogConfigurator]).
@NullMarked
package dev.muster.cli;

import org.jspecify.annotations.NullMarked;
