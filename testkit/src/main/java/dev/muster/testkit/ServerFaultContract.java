package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Result;
import dev.muster.testkit.TcpProxy.Direction;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The single faults of the way to a server. The settings lead through the proxies, and name limits
/// of few seconds for a server that does not answer.
public abstract class ServerFaultContract extends SingleFaultContract {
    /// Of little bandwidth.
    private static final int BYTES_PER_SECOND = 20_000;

    private static final int MANY = 100;

    private final TcpProxy network;
    private final TcpProxy toResults;

    protected ServerFaultContract(Server broker, Server results) {
        this.network = TcpProxy.before(broker);
        this.toResults = TcpProxy.before(results);
    }

    /// The way to the broker.
    protected final TcpProxy network() {
        return network;
    }

    /// The way to the result store, which is another, also to the same server.
    protected final TcpProxy toResults() {
        return toResults;
    }

    @AfterEach
    final void closeProxies() {
        network.close();
        toResults.close();
    }

    static Stream<Set<Direction>> halves() {
        return Stream.of(
                EnumSet.of(Direction.TO_SERVER),
                EnumSet.of(Direction.TO_CLIENT),
                EnumSet.allOf(Direction.class));
    }

    @ParameterizedTest
    @MethodSource("halves")
    void workGoesOnAfterHalfOfEachConnectionWasLost(Set<Direction> lost) {
        try (var muster = open();
                var _ = work(muster)) {
            var results = new ArrayList<>(send(muster, 0));

            network().lose(lost);
            toResults().lose(lost);
            results.addAll(send(muster, results.size()));

            assertDone(results, 0);
        }
    }

    @Test
    void littleBandwidthMakesNothingRunTwice() {
        try (var muster = open();
                var other = open();
                var _ = work(muster);
                var _ = work(other)) {
            network().bandwidth(BYTES_PER_SECOND);
            List<Result<Integer>> results;
            try {
                results =
                        IntStream.range(0, MANY)
                                .mapToObj(number -> awaitAccepted(muster, number))
                                .toList();
                assertDone(results, 0);
            } finally {
                network().bandwidth(Integer.MAX_VALUE);
            }
            assertThat(IntStream.range(0, MANY)).allMatch(number -> tasks().runs(number) == 1);
        }
    }

    @Test
    void outcomesAreKeptUntilTheirStoreIsBack() {
        try (var muster = open();
                var _ = work(muster)) {
            toResults().disconnect();
            List<Result<Integer>> results;
            try {
                results =
                        IntStream.range(0, 4)
                                .mapToObj(number -> muster.send(call(tasks()::number, number)))
                                .toList();
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() ->
                                IntStream.range(0, 4)
                                        .allMatch(number -> tasks().runs(number) == 1));
            } finally {
                toResults().accept();
            }

            assertDone(results, 0);
            assertThat(IntStream.range(0, 4)).allMatch(number -> tasks().runs(number) == 1);
        }
    }
}
