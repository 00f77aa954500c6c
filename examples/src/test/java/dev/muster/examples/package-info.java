/// Tests of the programs in this folder, and of the programs in the guides.
@NullMarked
package dev.muster.examples;

import org.jspecify.annotations.NullMarked;
