package dev.muster.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What went wrong when, and which second run of a task comes of it. Thread-safe while events are
/// added.
///
/// A call that ran more than once, with the same number of retries, is explained by an event that
/// may do that to it and was in effect at some time between the sending and the further run; or by
/// the run before it, if that was a second one, and so has sent a second message.
final class FaultLedger {
    private static final String INHERITED = "the retry of a second run";

    private final List<Event> events = new ArrayList<>();

    /// Of the rows of "What runs twice" in docs/reliability.md, those that a campaign can bring
    /// about.
    enum Reason {
        WORKER_DIED("the worker died"),
        LEASE_LOST("the worker stood still for longer than its lease"),
        CONNECTION_LOST("the connection was lost"),
        ACKNOWLEDGEMENT_LOST("the acknowledgement was lost or undone"),
        ANSWER_LOST("the answer to a publish was lost"),
        PUT_BACK("the message was put back or published again");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /// Whose tasks an event can have run again.
    sealed interface Affected {
        /// Those of everyone.
        record Everyone() implements Affected {}

        /// Those that ran in this process.
        record Worker(long pid) implements Affected {}

        /// Those with these ids.
        record Calls(Set<String> ids) implements Affected {}
    }

    /// Something that happened.
    ///
    /// @param reason of second runs; null where there must be none
    /// @param effect how long after its end it can still be the reason
    record Event(
            String name,
            @Nullable Reason reason,
            Affected affected,
            Instant begin,
            Instant end,
            Duration effect) {
        private boolean overlaps(Instant from, Instant to) {
            return !begin.isAfter(to) && !end.plus(effect).isBefore(from);
        }
    }

    /// One run, as the task itself noted it.
    ///
    /// @param id of the call
    /// @param number that the call was sent with
    /// @param retries how often it had been tried before
    /// @param pid of the process
    record Run(String id, int number, int retries, long pid, Instant at) {
        static Run parse(String line) {
            var fields = line.split(" ", -1);
            return new Run(
                    fields[0],
                    Integer.parseInt(fields[1]),
                    Integer.parseInt(fields[2]),
                    Long.parseLong(fields[3]),
                    Instant.ofEpochMilli(Long.parseLong(fields[4])));
        }

        @Override
        public String toString() {
            return "%s %d %d %d %d".formatted(id, number, retries, pid, at.toEpochMilli());
        }

        private String call() {
            return id + " " + retries;
        }
    }

    /// @param explained how many second runs there were, by reason and by what happened
    /// @param unexplained a line for each
    /// @param calls how many ran at least once
    /// @param wouldBeExplained how many of the calls that ran once could have run again by what
    ///   affected everyone then: the smaller, the more the explanations say
    record Account(
            TreeMap<String, Integer> explained,
            List<String> unexplained,
            int calls,
            int wouldBeExplained) {}

    synchronized void add(Event event) {
        events.add(event);
    }

    /// @param sent when the first message of a number was about to be sent, in milliseconds since
    ///   1970
    synchronized Account account(List<Run> runs, ToLongFunction<Run> sent) {
        var calls = runs.stream().collect(Collectors.groupingBy(Run::call));
        var explained = new TreeMap<String, Integer>();
        var unexplained = new ArrayList<String>();
        var wouldBe = 0;
        for (var same : calls.values()) {
            var inOrder = same.stream().sorted(Comparator.comparing(Run::at)).toList();
            var before = calls.get(before(inOrder.getFirst()));
            var from = sentAt(inOrder.getFirst(), before, sent);
            var messages = before == null ? 1 : before.size();
            if (inOrder.size() == 1) {
                wouldBe += everyone(from, inOrder.getFirst().at.plusMillis(100)) ? 1 : 0;
            }
            for (var index = 1; index < inOrder.size(); index++) {
                var again = inOrder.get(index);
                if (index < messages) {
                    explained.merge(INHERITED, 1, Integer::sum);
                    continue;
                }
                var earlier = inOrder.subList(0, index + 1);
                explain(earlier, from, again.at)
                        .ifPresentOrElse(
                                why -> explained.merge(why, 1, Integer::sum),
                                () -> unexplained.add(describe(earlier, from)));
            }
        }
        return new Account(explained, unexplained, calls.size(), wouldBe);
    }

    /// The message of a retry was sent by the run before it.
    private static Instant sentAt(Run run, @Nullable List<Run> before, ToLongFunction<Run> sent) {
        return before == null
                ? Instant.ofEpochMilli(sent.applyAsLong(run))
                : before.stream().map(Run::at).min(Comparator.naturalOrder()).orElseThrow();
    }

    private static String before(Run run) {
        return run.id + " " + (run.retries - 1);
    }

    private boolean everyone(Instant from, Instant to) {
        return events.stream()
                .anyMatch(event ->
                        event.reason != null
                                && event.affected instanceof Affected.Everyone
                                && event.overlaps(from, to));
    }

    /// What concerns single calls and workers first, as it says more.
    private Optional<String> explain(List<Run> runs, Instant from, Instant to) {
        return events.stream()
                .filter(event -> event.reason != null && event.overlaps(from, to))
                .filter(event ->
                        switch (event.affected) {
                            case Affected.Everyone() -> true;
                            case Affected.Worker(var pid) ->
                                    runs.stream().anyMatch(run -> run.pid == pid);
                            case Affected.Calls(var ids) -> ids.contains(runs.getFirst().id);
                        })
                .min(
                        Comparator.comparing(event ->
                                switch (event.affected) {
                                    case Affected.Calls _ -> 0;
                                    case Affected.Worker _ -> 1;
                                    case Affected.Everyone _ -> 2;
                                }))
                .map(event -> "%s (%s)".formatted(event.reason, event.name));
    }

    private String describe(List<Run> runs, Instant from) {
        var near = from.minusSeconds(20);
        return "%s, sent at %s, ran at %s; near by: %s"
                .formatted(
                        runs.getFirst().call(),
                        from,
                        runs.stream().map(run -> run.at + " in " + run.pid).toList(),
                        events.stream()
                                .filter(event -> event.overlaps(near, runs.getLast().at))
                                .map(event ->
                                        "%s %s–%s %s"
                                                .formatted(
                                                        event.name,
                                                        event.begin,
                                                        event.end,
                                                        event.affected
                                                                        instanceof
                                                                        Affected.Worker(var pid)
                                                                ? pid
                                                                : ""))
                                .toList());
    }
}
