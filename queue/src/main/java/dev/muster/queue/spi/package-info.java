/// What a broker or a result store must do, and the plain data that passes through them.
///
/// A broker moves a [dev.muster.queue.spi.Message] and knows nothing of tasks; a result store keeps
/// a [dev.muster.queue.spi.ResultRecord] and knows nothing of workers. Both are found by the scheme
/// of a URL through [java.util.ServiceLoader]: see [dev.muster.queue.spi.BrokerProvider] and
/// [dev.muster.queue.spi.ResultStoreProvider]; so are the stores of schedules, see
/// [dev.muster.queue.spi.ScheduleStore]. Whoever writes one runs the contract tests of the testkit
/// against it.
@NullMarked
package dev.muster.queue.spi;

import org.jspecify.annotations.NullMarked;
