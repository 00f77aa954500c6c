package dev.muster.queue.jdbc;

import dev.muster.queue.spi.ClaimStore;
import java.time.Duration;
import java.util.Optional;

/// Claims in a database: a row each.
final class JdbcClaims implements ClaimStore {
    private static final String CLAIM =
            """
            INSERT INTO muster_claim (claim_key, owner, expires_at)
            VALUES (:claim_key, :owner, :now + :lifetime)
            ON CONFLICT (claim_key) DO UPDATE
            SET owner = EXCLUDED.owner, expires_at = EXCLUDED.expires_at
            WHERE muster_claim.owner = EXCLUDED.owner OR muster_claim.expires_at <= :now
            """;
    private static final String OWNER =
            "SELECT owner FROM muster_claim WHERE claim_key = :claim_key";
    private static final String RELEASE =
            "DELETE FROM muster_claim WHERE claim_key = :claim_key AND owner = :owner";

    private final Session writing;

    JdbcClaims(Session writing) {
        this.writing = writing;
    }

    @Override
    public String claim(String key, String owner, Duration lifetime) {
        Optional<String> now = Optional.empty();
        // Again, when the other has given it up between the two statements.
        while (now.isEmpty()) {
            now =
                    writing.write(transaction -> {
                        var claimed =
                                transaction
                                        .query(CLAIM)
                                        .set("claim_key", key)
                                        .set("owner", owner)
                                        .set("lifetime", lifetime.toMillis())
                                        .update();
                        return claimed > 0
                                ? Optional.of(owner)
                                : transaction
                                        .query(OWNER)
                                        .set("claim_key", key)
                                        .list(row -> row.getString(1))
                                        .stream()
                                        .findFirst();
                    });
        }
        return now.get();
    }

    @Override
    public void release(String key, String owner) {
        writing.write(transaction ->
                transaction.query(RELEASE).set("claim_key", key).set("owner", owner).update());
    }
}
