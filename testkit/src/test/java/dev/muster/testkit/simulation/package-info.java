/// A deterministic simulation: clients and workers as they are in production, on a virtual clock
/// and on a scheduler that a seed drives, around a server and a network that fail.
@NullMarked
package dev.muster.testkit.simulation;

import org.jspecify.annotations.NullMarked;
