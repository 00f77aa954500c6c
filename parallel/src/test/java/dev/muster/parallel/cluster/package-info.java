@NullMarked
package dev.muster.parallel.cluster;

import org.jspecify.annotations.NullMarked;
