package dev.muster.testkit;

import dev.muster.testkit.FaultLedger.Affected;
import dev.muster.testkit.FaultLedger.Reason;
import dev.muster.testkit.TcpProxy.Direction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Something that goes wrong for a while in a [FaultCampaignContract]. Each leaves all well.
public final class Fault {
    /// What is noticed at the next use of a connection.
    static final Duration SOON = Duration.ofSeconds(2);

    /// Until a connection that answers no more is given up.
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private static final int BYTES_PER_SECOND = 16_000;

    private final String name;
    private final @Nullable Reason reason;
    private final Duration effect;
    private final Function<Random, Affected> action;

    /// @param name for the report
    /// @param reason why tasks may run twice because of it; null where they must not
    /// @param effect how long after its end it may still have them do so
    /// @param action that brings it about and ends it, and tells whom it has concerned
    Fault(
            String name,
            @Nullable Reason reason,
            Duration effect,
            Function<Random, Affected> action) {
        this.name = name;
        this.reason = reason;
        this.effect = effect;
        this.action = action;
    }

    String name() {
        return name;
    }

    /// Brings it about, ends it, and tells what happened.
    FaultLedger.Event happen(Random random) {
        var begin = InstantSource.system().instant();
        var affected = action.apply(random);
        var end = InstantSource.system().instant();
        return new FaultLedger.Event(name, reason, affected, begin, end, effect);
    }

    /// A network that fails in all the ways a [TcpProxy] knows.
    public static List<Fault> of(TcpProxy network) {
        return List.of(
                all("connections cut", Reason.CONNECTION_LOST, SOON, network::cut),
                // Leases cannot be renewed, and connections are given up.
                all(
                        "network hangs",
                        Reason.CONNECTION_LOST,
                        SOON,
                        () -> whileOn(network::pause, network::resume)),
                all(
                        "network slow",
                        null,
                        SOON,
                        () ->
                                whileOn(
                                        () -> network.delay(Duration.ofMillis(100)),
                                        () -> network.delay(Duration.ZERO))),
                all(
                        "little bandwidth",
                        null,
                        SOON,
                        () ->
                                whileOn(
                                        () -> network.bandwidth(BYTES_PER_SECOND),
                                        () -> network.bandwidth(Integer.MAX_VALUE))),
                new Fault(
                        "half-open connections",
                        Reason.CONNECTION_LOST,
                        SILENCE,
                        random -> {
                            lose(network, random);
                            return new Affected.Everyone();
                        }),
                all(
                        "no new connections",
                        Reason.CONNECTION_LOST,
                        SOON,
                        () -> whileOn(network::disconnect, network::accept)));
    }

    /// The same on the way to a result store that is not also the broker. Tasks run twice only if
    /// that lasts for more than a minute, and it does not.
    public static List<Fault> ofResults(TcpProxy network) {
        return of(network).stream()
                .map(fault -> new Fault("results: " + fault.name, null, fault.effect, fault.action))
                .toList();
    }

    /// A server that is restarted, and one that is killed.
    public static List<Fault> of(Server server) {
        return List.of(
                all("server restarted", Reason.CONNECTION_LOST, SOON, server::restart),
                all(
                        "server killed",
                        Reason.CONNECTION_LOST,
                        SOON,
                        () -> whileOn(server::kill, server::start)));
    }

    /// The same of a result store that is not also the broker.
    public static List<Fault> ofResults(Server server) {
        return List.of(
                all("result store away", null, SOON, () -> whileOn(server::kill, server::start)));
    }

    /// A disk without space, if it can be filled.
    ///
    /// @param leftMegabytes how much is left
    /// @param repair what its operator does when there is space again
    public static List<Fault> of(SmallDisk disk, int leftMegabytes, Runnable repair) {
        var full =
                all(
                        "disk full",
                        Reason.ACKNOWLEDGEMENT_LOST,
                        SOON,
                        () ->
                                whileOn(
                                        () -> disk.fill(leftMegabytes),
                                        () -> {
                                            disk.free();
                                            repair.run();
                                        }));
        return disk.canBeFilled() ? List.of(full) : List.of();
    }

    private static Fault all(
            String name, @Nullable Reason reason, Duration effect, Runnable action) {
        return new Fault(
                name,
                reason,
                effect,
                _ -> {
                    action.run();
                    return new Affected.Everyone();
                });
    }

    private static void lose(TcpProxy network, Random random) {
        network.lose(
                switch (random.nextInt(3)) {
                    case 0 -> Set.of(Direction.TO_SERVER);
                    case 1 -> Set.of(Direction.TO_CLIENT);
                    default -> EnumSet.allOf(Direction.class);
                });
    }

    /// For some seconds.
    static void whileOn(Runnable begin, Runnable end) {
        begin.run();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(4));
        end.run();
    }
}
