package dev.muster.testkit.simulation;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.memory.MemoryResultStoreProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// The broker and the result store of a simulation, which survive everything, and the network
/// before them, which does not.
final class Server {
    private final Simulation simulation;
    private final Random random;
    private final Ledger ledger;
    private final Broker broker;
    private final ResultStore store;
    private final ServerSchedule schedule;
    private final Faults faults;
    private final boolean keepsTime;
    private CountDownLatch change = new CountDownLatch(1);
    private boolean brokerIsAway;
    private boolean storeIsAway;
    private boolean calm;

    /// What goes wrong without anybody's doing.
    ///
    /// @param lost how likely a call, or its answer, is lost on the way
    /// @param lease how long a broker keeps for a lost connection what that held: not at all, as
    ///   RabbitMQ, or for a while, as Redis
    /// @param mayLoseAcknowledgements whether nobody is told of it, as with AMQP
    /// @param forgetful a defect, to see that it is found: what a lost connection held is gone
    record Faults(
            double lost, Duration lease, boolean mayLoseAcknowledgements, boolean forgetful) {}

    /// What becomes of a call.
    private enum Fate {
        FINE,
        NOT_HEARD,
        NOT_ANSWERED
    }

    /// @param keepsTime whether the broker keeps messages until their time, or leaves that to
    ///   workers
    Server(Simulation simulation, Random random, Ledger ledger, Faults faults, boolean keepsTime) {
        this.simulation = simulation;
        this.random = random;
        this.ledger = ledger;
        this.faults = faults;
        this.keepsTime = keepsTime;
        var environment = new Environment(Settings.DEFAULT, new Node(simulation, "server"), random);
        var url = ServiceUrl.parse("memory:");
        this.broker = new MemoryBrokerProvider().open(url, environment);
        this.store = new MemoryResultStoreProvider().open(url, environment, broker);
        this.schedule = new ServerSchedule(simulation);
    }

    Simulation simulation() {
        return simulation;
    }

    Ledger ledger() {
        return ledger;
    }

    Faults faults() {
        return faults;
    }

    boolean keepsTime() {
        return keepsTime;
    }

    /// Without network.
    Broker broker() {
        return broker;
    }

    /// Without network.
    ResultStore store() {
        return store;
    }

    /// Without network.
    ServerSchedule schedule() {
        return schedule;
    }

    void setBrokerAway(boolean value) {
        brokerIsAway = value;
    }

    boolean isBrokerAway() {
        return brokerIsAway;
    }

    void setStoreAway(boolean value) {
        storeIsAway = value;
    }

    /// From now on nothing goes wrong.
    void calm() {
        calm = true;
        brokerIsAway = false;
        storeIsAway = false;
        changed();
    }

    /// Opens when there may be something new to take.
    CountDownLatch nextChange() {
        return change;
    }

    void changed() {
        change.countDown();
        change = new CountDownLatch(1);
    }

    /// Calls the broker over the network.
    ///
    /// @param whenLost called when the connection is lost by it
    /// @throws BrokerException when the call or its answer does not arrive
    <T> T callBroker(Supplier<T> action, Runnable whenLost) {
        letOthersGoOn();
        var fate = brokerIsAway ? Fate.NOT_HEARD : fate();
        if (fate == Fate.NOT_HEARD) {
            whenLost.run();
            throw BrokerException.unreachable("simulated:", null);
        }
        var answer = action.get();
        letOthersGoOn();
        if (fate == Fate.NOT_ANSWERED) {
            whenLost.run();
            throw BrokerException.unreachable("simulated:", null);
        }
        return answer;
    }

    /// Calls the result store over the network.
    ///
    /// @throws ResultStoreException when the call or its answer does not arrive
    <T> T callStore(Supplier<T> action) {
        letOthersGoOn();
        var fate = storeIsAway ? Fate.NOT_HEARD : fate();
        if (fate == Fate.NOT_HEARD) {
            throw new ResultStoreException("the store is away", null);
        }
        var answer = action.get();
        letOthersGoOn();
        if (fate == Fate.NOT_ANSWERED) {
            throw new ResultStoreException("the store has gone away", null);
        }
        return answer;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the scheduler is the simulation
    private static void letOthersGoOn() {
        Thread.yield();
    }

    private Fate fate() {
        if (calm || random.nextDouble() >= faults.lost) {
            return Fate.FINE;
        }
        return random.nextBoolean() ? Fate.NOT_HEARD : Fate.NOT_ANSWERED;
    }

    boolean losesAcknowledgement() {
        return faults.mayLoseAcknowledgements && fate() != Fate.FINE;
    }
}
