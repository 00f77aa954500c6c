package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.cluster.ClusterPool;
import dev.muster.parallel.cluster.PoolServer;
import dev.muster.parallel.cluster.PoolServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// All calls run at a server.
class RemoteClusterPoolTest extends PoolContract {
    @TempDir private static Path codeFolder;

    private final List<PoolServer> servers = new ArrayList<>();

    @Override
    Pool open(int size) {
        try {
            var options =
                    PoolServerOptions.builder().slots(size).codeFolder(codeFolder).hidden().build();
            var server = PoolServer.listen("127.0.0.1:0", options);
            servers.add(server);
            var address = "127.0.0.1:" + server.address().getPort();
            return ClusterPool.builder().local(0).server(address).open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void closeServers() {
        servers.forEach(PoolServer::close);
    }

    /// That a call runs is told by the server, a moment later.
    @Override
    @Test
    void tellsWhatRunsAndNeverRunsWhatIsCancelledBefore() throws Exception {
        try (var pool = open(1)) {
            var first = blocked(pool, "first");
            await().atMost(LIMIT).until(first::isRunning);
            var second = blocked(pool, "second");

            assertThat(second.isRunning()).isFalse();
            assertThat(second.cancel(true)).isTrue();
            release("first");

            assertThat(first.get()).endsWith("first may end");
            assertThat(first.isRunning()).isFalse();
            assertThatThrownBy(second::get).isInstanceOf(CancellationException.class);
        }
        assertThat(folder.resolve("second runs")).doesNotExist();
    }

    /// The size of a server is its own matter.
    @Override
    @Test
    void itsSizeCanChangeWhileItRuns() {
        try (var pool = open(2)) {
            await().atMost(LIMIT).until(() -> pool.size() == 2);
            assertThatThrownBy(() -> pool.resize(3)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Override
    @Test
    void refusesSizesAndLimitsThatMakeNoSense() {
        assertThatThrownBy(() -> open(0)).isInstanceOf(IllegalArgumentException.class);
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.withTimeout(Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
