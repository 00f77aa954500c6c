package dev.muster.queue.redis;

import dev.muster.queue.spi.ScheduleRecord;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A schedule in Redis: a hash with an entry per field, a key that names the beat that leads and
/// runs out with its lease, and a counter of changes. Redis's own clock counts the lease.
final class RedisScheduleStore implements ScheduleStore {
    private final RedisServers servers;
    private final Session session;
    private final String entries;
    private final String lead;
    private final String revision;

    /// @param prefix of the keys
    RedisScheduleStore(RedisServers servers, String prefix) {
        this.servers = servers;
        this.session = new Session(servers, Failures.SCHEDULE);
        this.entries = prefix + "muster.schedule";
        this.lead = entries + ".lead";
        this.revision = entries + ".revision";
    }

    @Override
    public OptionalLong lead(String owner, Duration lease) {
        return number(
                Command.script(
                        Script.LEAD, List.of(lead, revision), List.of(owner, lease.toMillis())));
    }

    private OptionalLong number(Command command) {
        return session.call(command) instanceof Long number && number >= 0
                ? OptionalLong.of(number)
                : OptionalLong.empty();
    }

    @Override
    public void resign(String owner) {
        var _ = session.call(Command.script(Script.UNLOCK, List.of(lead), List.of(owner)));
    }

    @Override
    public List<ScheduleRecord> read() {
        var records = new ArrayList<ScheduleRecord>();
        if (session.call(Command.of("HGETALL", entries)) instanceof List<?> fields) {
            for (var i = 0; i < fields.size(); i += 2) {
                records.add(record(text(fields.get(i)), text(fields.get(i + 1))));
            }
        }
        return records;
    }

    private static String text(@Nullable Object answer) {
        return answer instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : "";
    }

    private ScheduleRecord record(String name, String value) {
        var colon = value.indexOf(':');
        try {
            return new ScheduleRecord(
                    name,
                    Long.parseLong(value.substring(0, Math.max(0, colon))),
                    value.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new ScheduleStoreException(
                    "what %s holds in %s for '%s' is no entry of a schedule"
                            .formatted(servers, entries, name),
                    e);
        }
    }

    @Override
    public OptionalLong write(ScheduleRecord entry, Optional<String> leader) {
        return change(entry, entry.document(), leader);
    }

    @Override
    public OptionalLong remove(ScheduleRecord entry, Optional<String> leader) {
        return change(entry, "", leader);
    }

    private OptionalLong change(ScheduleRecord entry, String document, Optional<String> leader) {
        return number(
                Command.script(
                        Script.RESCHEDULE,
                        List.of(lead, revision, entries),
                        List.of(leader.orElse(""), entry.name(), entry.version(), document)));
    }

    @Override
    public String description() {
        return servers.toString();
    }

    @Override
    public void close() {
        session.close();
    }
}
