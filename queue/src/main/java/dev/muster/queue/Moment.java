package dev.muster.queue;

import java.time.Duration;
import java.time.Instant;

/// When something shall be with a call: some time after it is sent, or at a fixed instant.
sealed interface Moment {
    Instant instant(Instant now);

    record After(Duration delay) implements Moment {
        /// Later than any time that can be written; a sum beyond [Instant#MAX] would throw.
        private static final Duration FOR_EVER = Duration.ofDays(10_000L * 366);

        @Override
        public Instant instant(Instant now) {
            return now.plus(delay.compareTo(FOR_EVER) > 0 ? FOR_EVER : delay);
        }
    }

    record At(Instant at) implements Moment {
        @Override
        public Instant instant(Instant now) {
            return at;
        }
    }
}
