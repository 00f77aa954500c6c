/// Child JVMs that run calls: how they are started, fed, watched and replaced.
///
/// Start at [Children], the set of children of one pool, and [Job], a call for one of them. [Child]
/// is a child as its parent sees it, [ChildMain] the program that runs in it. What passes between
/// the two is in [Order] and [Report].
@NullMarked
package dev.muster.parallel.child;

import org.jspecify.annotations.NullMarked;
