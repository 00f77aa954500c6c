package dev.muster.parallel.cluster;

import dev.muster.parallel.base.Checks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Shares the slots of a server among its clients, who take turns. Thread-safe.
///
/// Each call that was handed to child processes has a slot. Calls of a program whose calls are
/// short have a part of one each, so that a child has the next one when it is done with one: as
/// many as take it four milliseconds. All that are handed over have no more slots than there are.
final class SlotShare {
    /// A slot.
    static final int WHOLE = 1 << 12;

    private static final long LOOK_AHEAD = TimeUnit.MILLISECONDS.toNanos(4);

    /// A call that is longer has a slot of its own.
    static final long SHORT = TimeUnit.MILLISECONDS.toNanos(1);

    private final int slots;
    private final ReentrantLock lock = new ReentrantLock();

    // All of these are guarded by the lock.
    private final ArrayDeque<Client> turns = new ArrayDeque<>();
    private int used;

    SlotShare(int slots) {
        this.slots = Checks.positive("slots", slots);
    }

    /// A client's calls. Its fields are guarded by the lock of the share.
    static final class Client {
        private final ArrayDeque<ServedCall> waiting = new ArrayDeque<>();
        private int used;
        private boolean gone;
    }

    /// Has a call handed over when it is its turn.
    void submit(ServedCall call) {
        List<ServedCall> begin = List.of();
        lock.lock();
        try {
            var client = call.client();
            if (!client.gone) {
                if (client.waiting.isEmpty()) {
                    turns.add(client);
                }
                client.waiting.add(call);
                begin = next();
            }
        } finally {
            lock.unlock();
        }
        begin.forEach(ServedCall::handOver);
    }

    private List<ServedCall> next() {
        var begin = new ArrayList<ServedCall>();
        while (!turns.isEmpty()) {
            var call = turns.element().waiting.element();
            var part = part(call.program().averageNanos());
            if (used + part > slots * WHOLE) {
                break;
            }
            var client = turns.remove();
            client.waiting.remove();
            if (!client.waiting.isEmpty()) {
                turns.add(client);
            }
            call.part = part;
            client.used += part;
            used += part;
            begin.add(call);
        }
        return begin;
    }

    /// @param average 0 while unknown
    private static int part(long average) {
        return average == 0 || average > SHORT
                ? WHOLE
                : (int) Math.max(WHOLE * average / LOOK_AHEAD, WHOLE / 512);
    }

    /// Gives the place of a call that is over to others.
    void release(ServedCall call) {
        List<ServedCall> begin;
        lock.lock();
        try {
            used -= call.part;
            call.client().used -= call.part;
            call.part = 0;
            begin = next();
        } finally {
            lock.unlock();
        }
        begin.forEach(ServedCall::handOver);
    }

    /// Takes a call away that was not handed over.
    ///
    /// @return false when it was
    boolean remove(ServedCall call) {
        lock.lock();
        try {
            var client = call.client();
            if (!client.waiting.remove(call)) {
                return false;
            }
            if (client.waiting.isEmpty()) {
                turns.remove(client);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Takes no more calls of a client.
    ///
    /// @return those that were not handed over, and will not be
    List<ServedCall> leave(Client client) {
        lock.lock();
        try {
            client.gone = true;
            turns.remove(client);
            var left = List.copyOf(client.waiting);
            client.waiting.clear();
            return left;
        } finally {
            lock.unlock();
        }
    }

    /// How many slots are in use for others.
    int others(Client client) {
        lock.lock();
        try {
            return Math.ceilDiv(used - client.used, WHOLE);
        } finally {
            lock.unlock();
        }
    }
}
