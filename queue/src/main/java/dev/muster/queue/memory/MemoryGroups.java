package dev.muster.queue.memory;

import dev.muster.queue.spi.GroupStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Groups in this object.
final class MemoryGroups implements GroupStore {
    /// After this time whoever was told that a chord is complete is taken for dead.
    private static final Duration CLAIM = Duration.ofSeconds(30);

    private final InstantSource clock;
    private final Optional<Duration> expires;

    /// Both are guarded by this object.
    private final Map<String, Saved> saved = new LinkedHashMap<>();

    private final Map<String, Chord> chords = new LinkedHashMap<>();

    MemoryGroups(InstantSource clock, Optional<Duration> expires) {
        this.clock = clock;
        this.expires = expires;
    }

    private record Saved(Object results, Instant until) {}

    private record Arrived(Member member, int index) {}

    private static final class Chord {
        private final Map<String, Arrived> members = new LinkedHashMap<>();
        private final Instant until;
        private long size;
        private Instant claimedUntil = Instant.MIN;

        private Chord(Instant until) {
            this.until = until;
        }
    }

    private Instant until() {
        return expires.map(clock.instant()::plus).orElse(Instant.MAX);
    }

    @Override
    public synchronized void save(String groupId, Object results) {
        forgetExpired();
        saved.remove(groupId);
        saved.put(groupId, new Saved(results, until()));
    }

    private void forgetExpired() {
        var now = clock.instant();
        forgetExpired(saved.values(), entry -> !entry.until.isAfter(now));
        forgetExpired(chords.values(), entry -> !entry.until.isAfter(now));
    }

    /// They stand in the order in which they expire.
    private static <T> void forgetExpired(Collection<T> entries, Predicate<T> isExpired) {
        var oldest = entries.iterator();
        while (oldest.hasNext() && isExpired.test(oldest.next())) {
            oldest.remove();
        }
    }

    @Override
    public synchronized Optional<Object> fetch(String groupId) {
        return Optional.ofNullable(saved.get(groupId)).map(Saved::results);
    }

    @Override
    public synchronized void forget(String groupId) {
        saved.remove(groupId);
    }

    @Override
    public synchronized void expect(String groupId, long members) {
        forgetExpired();
        chords.computeIfAbsent(groupId, _ -> new Chord(until())).size = members;
    }

    @Override
    public synchronized void expectOneMore(String groupId) {
        var chord = chords.get(groupId);
        if (chord != null) {
            chord.size++;
        }
    }

    @Override
    public synchronized Count arrive(String groupId, Member member, @Nullable Integer index) {
        var chord = chords.get(groupId);
        if (chord != null) {
            chord.members.putIfAbsent(
                    member.taskId(),
                    new Arrived(member, index == null ? Integer.MAX_VALUE : index));
        }
        return count(groupId);
    }

    @Override
    public synchronized Count count(String groupId) {
        var chord = chords.get(groupId);
        if (chord == null || chord.members.size() < chord.size) {
            return new Count.Open();
        }
        if (chord.claimedUntil.isAfter(clock.instant())) {
            return new Count.Claimed();
        }
        chord.claimedUntil = clock.instant().plus(CLAIM);
        return new Count.Complete(inOrder(chord));
    }

    private static List<Member> inOrder(Chord chord) {
        var arrived = new ArrayList<>(chord.members.values());
        arrived.sort(Comparator.comparingInt(Arrived::index));
        return arrived.stream().map(Arrived::member).toList();
    }

    @Override
    public synchronized void renew(String groupId) {
        var chord = chords.get(groupId);
        if (chord != null && !chord.claimedUntil.equals(Instant.MIN)) {
            chord.claimedUntil = clock.instant().plus(CLAIM);
        }
    }

    @Override
    public synchronized void finish(String groupId) {
        chords.remove(groupId);
    }
}
