package dev.muster.benchmarks;

import static org.jobrunr.server.BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.storage.sql.common.SqlStorageProviderFactory;

/// JobRunr's side of the comparison, set up to be fast as its documentation says: jobs that are
/// requests, not lambdas, enqueued as a stream; and it looks for new ones every 5 seconds, more
/// often than which it refuses to.
///
/// It looks again by itself when its workers run out of jobs, so the interval counts for the first.
final class JobRunrPeer {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

    private JobRunrPeer() {}

    /// A job that does nothing.
    record Noop() implements JobRequest {
        @Override
        public Class<NoopHandler> getJobRequestHandler() {
            return NoopHandler.class;
        }
    }

    /// JobRunr makes its own, hence the field that they share.
    public static final class NoopHandler implements JobRequestHandler<Noop> {
        private static volatile CountDownLatch left = new CountDownLatch(0);

        @Override
        public void run(Noop job) {
            left.countDown();
        }
    }

    /// @param args JDBC URL, number of threads, number of jobs
    public static void main(String[] args) throws Exception {
        try (var source = JdbcPeer.connect(args[0])) {
            var jobRunr =
                    JobRunr.configure()
                            .useStorageProvider(SqlStorageProviderFactory.using(source))
                            .useBackgroundJobServer(
                                    usingStandardBackgroundJobServerConfiguration()
                                            .andWorkerCount(Integer.parseInt(args[1]))
                                            .andPollInterval(POLL_INTERVAL))
                            .initialize();
            JdbcPeer.measure(
                    Integer.parseInt(args[2]),
                    (jobs, left) -> {
                        NoopHandler.left = left;
                        jobRunr.getJobRequestScheduler()
                                .enqueue(IntStream.range(0, jobs).mapToObj(_ -> new Noop()));
                    });
            jobRunr.getBackgroundJobServer().stop();
        }
    }
}
