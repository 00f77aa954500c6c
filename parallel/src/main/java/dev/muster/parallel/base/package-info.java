/// What the parts of this room stand on: threads that are waited for, failures that are kept.
@NullMarked
package dev.muster.parallel.base;

import org.jspecify.annotations.NullMarked;
