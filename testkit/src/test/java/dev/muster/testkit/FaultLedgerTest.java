package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testkit.FaultLedger.Affected;
import dev.muster.testkit.FaultLedger.Event;
import dev.muster.testkit.FaultLedger.Reason;
import dev.muster.testkit.FaultLedger.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FaultLedgerTest {
    private static final Instant SENT = Instant.parse("2030-01-01T00:00:00Z");

    private final FaultLedger ledger = new FaultLedger();

    @Test
    void explainsASecondRunByWhatHappenedBetweenSendingAndIt() {
        happened("cut", Reason.CONNECTION_LOST, new Affected.Everyone(), 2);

        assertThat(explained(run("a", 0, 1, 1), run("a", 0, 2, 3)))
                .isEqualTo(Map.of("the connection was lost (cut)", 1));
    }

    @Test
    void doesNotExplainASecondRunByWhatHappenedBeforeOrAfter() {
        happened("cut", Reason.CONNECTION_LOST, new Affected.Everyone(), -2);
        happened("cut", Reason.CONNECTION_LOST, new Affected.Everyone(), 4);

        assertThat(unexplained(run("a", 0, 1, 1), run("a", 0, 2, 3))).hasSize(1);
    }

    @Test
    void doesNotExplainByWhatMustNotLeadToSecondRuns() {
        happened("slow", null, new Affected.Everyone(), 2);

        assertThat(unexplained(run("a", 0, 1, 1), run("a", 0, 2, 3))).hasSize(1);
    }

    @Test
    void explainsByTheDeathOfAWorkerOnlyWhatItHasRun() {
        happened("killed", Reason.WORKER_DIED, new Affected.Worker(1), 2);

        assertThat(explained(run("a", 0, 1, 1), run("a", 0, 2, 3))).hasSize(1);
        assertThat(unexplained(run("a", 0, 2, 1), run("a", 0, 3, 3))).hasSize(1);
    }

    @Test
    void explainsByCopiesOnlyTheCallsThatWereCopied() {
        happened("doubled", Reason.PUT_BACK, new Affected.Calls(Set.of("a")), 1);

        assertThat(explained(run("a", 0, 1, 1), run("a", 0, 1, 3))).hasSize(1);
        assertThat(unexplained(run("b", 0, 1, 1), run("b", 0, 1, 3))).hasSize(1);
    }

    @Test
    void takesARetryForACallOfItsOwnThatWasSentByTheRunBefore() {
        assertThat(unexplained(run("a", 0, 1, 1), run("a", 1, 1, 5))).isEmpty();

        happened("cut", Reason.CONNECTION_LOST, new Affected.Everyone(), 1);
        assertThat(unexplained(run("a", 0, 1, 3), run("a", 1, 1, 5), run("a", 1, 2, 7)))
                .as("the retry was sent after the cut")
                .hasSize(1);
    }

    @Test
    void explainsTheRetryOfASecondRunByThat() {
        happened("cut", Reason.CONNECTION_LOST, new Affected.Everyone(), 1);
        var twice = List.of(run("a", 1, 1, 4), run("a", 1, 2, 5));

        assertThat(unexplained(run("a", 0, 1, 1), run("a", 0, 2, 3), twice.get(0), twice.get(1)))
                .isEmpty();
        assertThat(unexplained(run("a", 0, 1, 3), twice.get(0), twice.get(1))).hasSize(1);
    }

    @Test
    void countsWhatRanOnceThoughItCouldHaveRunTwice() {
        happened("cut", Reason.CONNECTION_LOST, new Affected.Everyone(), 1);

        var account =
                ledger.account(
                        List.of(run("a", 0, 1, 2), run("b", 0, 1, 3)),
                        run -> SENT.plusSeconds(run.id().equals("a") ? 0 : 2).toEpochMilli());

        assertThat(account.wouldBeExplained()).isEqualTo(1);
        assertThat(account.calls()).isEqualTo(2);
    }

    @Test
    void aRunIsReadAsItWasWritten() {
        var run = run("a", 2, 4711, 5);

        assertThat(Run.parse(run.toString())).isEqualTo(run);
    }

    private Map<String, Integer> explained(Run... runs) {
        return ledger.account(List.of(runs), _ -> SENT.toEpochMilli()).explained();
    }

    private List<String> unexplained(Run... runs) {
        return ledger.account(List.of(runs), _ -> SENT.toEpochMilli()).unexplained();
    }

    private void happened(String name, @Nullable Reason reason, Affected affected, int second) {
        var at = SENT.plusSeconds(second);
        ledger.add(new Event(name, reason, affected, at, at, Duration.ofMillis(500)));
    }

    private static Run run(String id, int retries, long pid, int second) {
        return new Run(id, 7, retries, pid, SENT.plusSeconds(second));
    }
}
