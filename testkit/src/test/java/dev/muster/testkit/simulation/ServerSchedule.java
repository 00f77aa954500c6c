package dev.muster.testkit.simulation;

import dev.muster.queue.spi.ScheduleRecord;
import dev.muster.queue.spi.ScheduleStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The schedule of a [Server], with leases by its own time, as Redis keeps one.
final class ServerSchedule implements ScheduleStore {
    private final Simulation simulation;
    private final Map<String, ScheduleRecord> entries = new LinkedHashMap<>();
    private long revision;
    private String leader = "";
    private long leadsUntil;

    ServerSchedule(Simulation simulation) {
        this.simulation = simulation;
    }

    @Override
    public OptionalLong lead(String owner, Duration lease) {
        if (!leads(owner) && simulation.nanoTime() < leadsUntil) {
            return OptionalLong.empty();
        }
        leader = owner;
        leadsUntil = simulation.nanoTime() + lease.toNanos();
        return OptionalLong.of(revision);
    }

    private boolean leads(String owner) {
        return leader.equals(owner) && simulation.nanoTime() < leadsUntil;
    }

    @Override
    public void resign(String owner) {
        if (leads(owner)) {
            leadsUntil = 0;
        }
    }

    @Override
    public List<ScheduleRecord> read() {
        return List.copyOf(entries.values());
    }

    @Override
    public OptionalLong write(ScheduleRecord entry, Optional<String> by) {
        if (!mayChange(entry, by)) {
            return OptionalLong.empty();
        }
        revision++;
        entries.put(entry.name(), new ScheduleRecord(entry.name(), revision, entry.document()));
        return OptionalLong.of(revision);
    }

    @Override
    public OptionalLong remove(ScheduleRecord entry, Optional<String> by) {
        if (!mayChange(entry, by)) {
            return OptionalLong.empty();
        }
        entries.remove(entry.name());
        return OptionalLong.of(++revision);
    }

    private boolean mayChange(ScheduleRecord entry, Optional<String> by) {
        var current = entries.get(entry.name());
        var version = current == null ? 0 : current.version();
        return version == entry.version() && by.map(this::leads).orElse(true);
    }

    @Override
    public String description() {
        return "simulated:";
    }

    @Override
    public void close() {
        // It belongs to the server.
    }
}
