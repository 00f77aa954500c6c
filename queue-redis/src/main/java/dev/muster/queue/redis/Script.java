package dev.muster.queue.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A Lua script that runs in Redis as one step, and the digest it is called by.
record Script(String text, String digest) {
    /// Moves messages from their lists into the hands of a consumer.
    static final Script TAKE = load("take.lua");

    /// Puts a held message back into a list.
    static final Script REQUEUE = load("requeue.lua");

    /// Keeps a new message back until its time.
    static final Script DELAY = load("delay.lua");

    /// Lets go of a held message until its time.
    static final Script POSTPONE = load("postpone.lua");

    /// Brings what is due into its lists.
    static final Script DUE = load("due.lua");

    /// Tells which held messages nobody looks after any more.
    static final Script LAPSED = load("lapsed.lua");

    /// Reads what is held, or the end of it.
    static final Script HELD = load("held.lua");

    /// Renews the leases of held messages.
    static final Script REFRESH = load("refresh.lua");

    /// Gives a place in the index to held messages that lack one.
    static final Script ADOPT = load("adopt.lua");

    /// Deletes a key if it holds what its owner has written: a lock, a claim, the lead of a
    /// schedule.
    static final Script UNLOCK = load("unlock.lua");

    /// Stores a result and tells those who wait for it.
    static final Script STORE = load("store.lua");

    /// Counts a member of a chord.
    static final Script ARRIVE = load("arrive.lua");

    /// Claims a key.
    static final Script CLAIM = load("claim.lua");

    /// Takes the next free starts of something that is kept at a rate.
    static final Script RATE = load("rate.lua");

    /// Takes or keeps the lead of a schedule.
    static final Script LEAD = load("lead.lua");

    /// Changes an entry of a schedule.
    static final Script RESCHEDULE = load("reschedule.lua");

    private static Script load(String file) {
        try (var stream = Script.class.getResourceAsStream(file)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks " + file);
            }
            var text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return new Script(text, sha1(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SHA-1 in hexadecimal: how Redis names scripts, and the values of its `redis.sha1hex`.
    static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
