package dev.muster.queue.redis;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Groups in Redis as Celery keeps and counts them (celery-wire 4.1, 5.6), so that the members of
/// one chord can end on workers of both.
///
/// Celery's workers compare the count with the size; one that counts a chord as complete sends its
/// body. Here a claim comes first (`….c`), so that of two workers with the same task, which was
/// delivered twice, one sends it.
final class RedisGroups implements GroupStore {
    /// After this time whoever has claimed a chord is taken for dead.
    private static final Duration CLAIM = Duration.ofSeconds(30);

    private final String prefix;
    private final long expiresSeconds;
    private final boolean ordered;
    private final Json json;
    private final Function<Command, @Nullable Object> redis;

    /// @param prefix of the keys, separator included
    /// @param expiresSeconds 0 for never
    /// @param ordered whether members are kept by their place, Celery's `result_chord_ordered`
    RedisGroups(
            String prefix,
            long expiresSeconds,
            boolean ordered,
            Json json,
            Function<Command, @Nullable Object> redis) {
        this.prefix = prefix;
        this.expiresSeconds = expiresSeconds;
        this.ordered = ordered;
        this.json = json;
        this.redis = redis;
    }

    @Override
    public void save(String groupId, Object results) {
        set(key(groupId, ""), json.write(Map.of("result", results)));
    }

    private String key(String groupId, String suffix) {
        return prefix + "celery-taskset-meta-" + groupId + suffix;
    }

    private void set(String key, Object value) {
        var _ =
                redis.apply(
                        expiresSeconds == 0
                                ? Command.of("SET", key, value)
                                : Command.of("SETEX", key, expiresSeconds, value));
    }

    @Override
    public Optional<Object> fetch(String groupId) {
        if (!(redis.apply(Command.of("GET", key(groupId, ""))) instanceof byte[] text)) {
            return Optional.empty();
        }
        if (read(groupId, text) instanceof Map<?, ?> map) {
            return Optional.ofNullable(map.get("result"));
        }
        throw unreadable(groupId, null);
    }

    private @Nullable Object read(String groupId, byte[] text) {
        try {
            return json.read(text);
        } catch (DecodeException e) {
            throw unreadable(groupId, e);
        }
    }

    private static ResultStoreException unreadable(String groupId, @Nullable Throwable cause) {
        return new ResultStoreException(
                "what Redis holds for group %s is no group".formatted(groupId), cause);
    }

    @Override
    public void forget(String groupId) {
        var _ = redis.apply(Command.of("DEL", key(groupId, "")));
    }

    @Override
    public void expect(String groupId, long members) {
        set(key(groupId, ".s"), members);
    }

    @Override
    public void expectOneMore(String groupId) {
        var _ = redis.apply(Command.of("INCR", key(groupId, ".t")));
    }

    @Override
    public Count arrive(String groupId, Member member, @Nullable Integer index) {
        var text = json.write(listOf(1, member.taskId(), member.state().name(), member.value()));
        return run(groupId, text, index == null ? "+inf" : index);
    }

    private static List<@Nullable Object> listOf(@Nullable Object... items) {
        var list = new ArrayList<@Nullable Object>(items.length);
        for (var item : items) {
            list.add(item);
        }
        return list;
    }

    @Override
    public Count count(String groupId) {
        return run(groupId, "", 0);
    }

    private Count run(String groupId, Object member, Object index) {
        var keys =
                List.of(
                        key(groupId, ".j"),
                        key(groupId, ".t"),
                        key(groupId, ".s"),
                        key(groupId, ".c"));
        var answer =
                redis.apply(
                        Command.script(
                                Script.ARRIVE,
                                keys,
                                List.of(
                                        member,
                                        index,
                                        ordered ? 1 : 0,
                                        expiresSeconds,
                                        CLAIM.toMillis())));
        return switch (answer) {
            case List<?> texts -> {
                var members = new ArrayList<Member>(texts.size());
                texts.forEach(text -> members.add(member(groupId, text)));
                yield new Count.Complete(members);
            }
            case Long code when code == 1 -> new Count.Claimed();
            case null, default -> new Count.Open();
        };
    }

    private Member member(String groupId, @Nullable Object text) {
        if (text instanceof byte[] bytes
                && read(groupId, bytes) instanceof List<?> fields
                && fields.size() == 4
                && fields.get(1) instanceof String id
                && fields.get(2) instanceof String state) {
            return new Member(id, new State(state), fields.get(3));
        }
        throw unreadable(groupId, null);
    }

    @Override
    public void renew(String groupId) {
        var _ = redis.apply(Command.of("PEXPIRE", key(groupId, ".c"), CLAIM.toMillis()));
    }

    @Override
    public void finish(String groupId) {
        var _ =
                redis.apply(
                        Command.of(
                                "DEL",
                                key(groupId, ".j"),
                                key(groupId, ".t"),
                                key(groupId, ".s"),
                                key(groupId, ".c")));
    }
}
