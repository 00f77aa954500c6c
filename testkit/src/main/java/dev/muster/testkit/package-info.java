/// What tests of a task queue need: real servers on free ports, Python peers, faults on demand, and
/// the contract that every broker and every result store must keep.
///
/// Start at [dev.muster.testkit.Servers] for a server that all test classes share, and at
/// [dev.muster.testkit.BrokerContract] when you write a broker. A program that is not installed is
/// a failure that names its Debian package; nothing is skipped.
@NullMarked
package dev.muster.testkit;

import org.jspecify.annotations.NullMarked;
