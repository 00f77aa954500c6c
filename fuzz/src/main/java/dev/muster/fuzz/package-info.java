/// Hostile inputs for everything that reads what others have written.
///
/// A test makes a [Fuzzer], shows it some valid inputs, says how the decoder may refuse, and lets
/// it run. Such tests are marked as [FuzzTest]; `./test` gives each a moment, `./test --fuzz` gives
/// each more.
///
/// As it is below all rooms, it also has [LogCapture], for any of their tests.
@NullMarked
package dev.muster.fuzz;

import org.jspecify.annotations.NullMarked;
