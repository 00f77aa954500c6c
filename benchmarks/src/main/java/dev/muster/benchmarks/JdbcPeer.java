package dev.muster.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.ProcessHandle.Info;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What the peers on PostgreSQL have in common: how they connect, and how they are measured.
final class JdbcPeer {
    private static final int CONNECTIONS = 10;
    private static final int PATIENCE_MINUTES = 4;

    private JdbcPeer() {}

    /// Enqueues jobs.
    @FunctionalInterface
    interface Enqueuing {
        /// @param left counted down by each job that runs
        void enqueue(int jobs, CountDownLatch left) throws Exception;
    }

    /// A pool that has its connections before they are asked for.
    static HikariDataSource connect(String url) {
        var source = new HikariDataSource();
        source.setJdbcUrl(url);
        source.setMaximumPoolSize(CONNECTIONS);
        return source;
    }

    /// Prints what the comparison reads. The processor time is that of all the process does, which
    /// is both sides.
    static void measure(int jobs, Enqueuing enqueuing) throws Exception {
        var start = System.nanoTime();
        run(jobs, enqueuing);
        System.out.println(Measurements.line("first", jobs / ((System.nanoTime() - start) / 1e9)));
        var cpu = cpuMillis();
        start = System.nanoTime();
        var sent = run(jobs, enqueuing);
        var seconds = (System.nanoTime() - start) / 1e9;
        System.out.println(Measurements.line("send", jobs / ((sent - start) / 1e9)));
        System.out.println(Measurements.line("ignored", jobs / seconds));
        System.out.println(Measurements.line("cpu", (double) (cpuMillis() - cpu) / jobs));
        System.out.println(
                Measurements.line("memory", Child.peakMegabytesOf(ProcessHandle.current())));
    }

    /// @return when all were enqueued
    private static long run(int jobs, Enqueuing enqueuing) throws Exception {
        var left = new CountDownLatch(jobs);
        enqueuing.enqueue(jobs, left);
        var sent = System.nanoTime();
        if (!left.await(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            throw new IllegalStateException(
                    "%d of %d jobs did not run".formatted(left.getCount(), jobs));
        }
        return sent;
    }

    private static long cpuMillis() {
        Info info = ProcessHandle.current().info();
        return info.totalCpuDuration().map(Duration::toMillis).orElse(0L);
    }
}
