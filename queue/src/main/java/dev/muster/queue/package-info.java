/// The distributed task queue.
@NullMarked
package dev.muster.queue;

import org.jspecify.annotations.NullMarked;
