package dev.muster.queue;

import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Setting;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import org.jspecify.annotations.Nullable;

/// Sends workflows: for clients, and for tasks that are followed by others. Thread-safe.
final class Dispatcher {
    /// How many workflows are made ready at once, and how many messages are handed to a broker at
    /// once; bounds the memory of sending many.
    private static final int PORTION = 1000;

    /// As Celery waits before it looks for the first time.
    private static final Duration UNLOCK_DELAY = Duration.ofSeconds(1);

    private final Muster muster;
    private final PublishRetry retry;

    Dispatcher(Muster muster, PublishRetry retry) {
        this.muster = muster;
        this.retry = retry;
    }

    /// Workflows made ready to publish: everything that can be wrong with them has been found.
    private record Plan(
            List<Unroller.Started> started,
            List<Unroller.Count> counts,
            UniqueCalls.Claims claims,
            Set<Queues.Route> routes,
            List<Publication> publications) {
        List<ResultTree> results() {
            return started.stream().map(Unroller.Started::results).map(claims::results).toList();
        }
    }

    /// Sends for a client, or for the task that the calling thread runs. The first of many are on
    /// their way while the others are made ready.
    ///
    /// @return where the results will be
    List<ResultTree> send(Collection<? extends Workflow<?>> workflows) {
        workflows.forEach(this::requireCountableChords);
        var results = new ArrayList<ResultTree>(workflows.size());
        var portions = workflows.stream().gather(Gatherers.windowFixed(PORTION)).iterator();
        while (portions.hasNext()) {
            var plan = plan(portions.next(), true);
            publish(plan, retry);
            results.addAll(plan.results());
        }
        return results;
    }

    /// Sends in a transaction of the caller.
    ResultTree send(Connection transaction, Workflow<?> workflow) {
        var transactions = muster.broker().transactions().orElseThrow(this::noTransactions);
        requireCountableChords(workflow);
        var plan = plan(List.of(workflow), false);
        count(plan);
        var queues = plan.routes.stream().flatMap(route -> route.queue().stream()).toList();
        muster.hooks()
                .publish(
                        plan.publications,
                        messages -> transactions.publish(transaction, queues, messages));
        return plan.results().getFirst();
    }

    private BrokerException noTransactions() {
        return BrokerException.refused(
                "broker %s cannot take part in a database transaction; postgresql:// and sqlite: can"
                        .formatted(muster.broker().description()),
                null);
    }

    private Plan plan(Collection<? extends Workflow<?>> workflows, boolean mayClaim) {
        var inherits = muster.settings().get(Setting.TASK_INHERIT_PARENT_PRIORITY);
        // Calls that others will send must know where their results are to go.
        var replyTo =
                workflows.stream().allMatch(Dispatcher::isSingleMessage)
                        ? null
                        : muster.replyAddressOfStore();
        var unroller = unroller(Origin.current(inherits), replyTo);
        var started =
                workflows.stream()
                        .map(workflow -> unroller.start(workflow, List.of(), null))
                        .toList();
        var handles =
                started.stream()
                        .flatMap(each -> each.results().leaves())
                        .map(ResultTree.One::id)
                        .collect(Collectors.toSet());
        var plan =
                plan(
                        unroller,
                        started,
                        mayClaim
                                ? muster.uniqueCalls().claims(handles)
                                : muster.uniqueCalls().refusing());
        if (TaskContext.CURRENT.isBound()) {
            started.forEach(
                    each -> TaskContext.CURRENT.get().addSent(plan.claims.results(each.started())));
        }
        return plan;
    }

    private Unroller unroller(Origin origin, @Nullable String replyTo) {
        return new Unroller(
                origin,
                replyTo,
                this::ignoresResult,
                muster.settings().get(Setting.TASK_ALLOW_ERROR_CB_ON_CHORD_HEADER));
    }

    private static boolean isSingleMessage(Workflow<?> workflow) {
        return workflow instanceof Signature
                && workflow.option(Option.LINK).isEmpty()
                && workflow.option(Option.LINK_ERROR).isEmpty();
    }

    private boolean ignoresResult(Signature<?> call) {
        return muster.withDefaults(call).ignoresResult(muster.settings());
    }

    /// Found before anything is sent, as otherwise a worker would find it when it is too late.
    private void requireCountableChords(Workflow<?> workflow) {
        if (hasChord(workflow) && !muster.store().isShared()) {
            throw new MusterException(
                    "a chord needs a result store that its workers can read, which %s is not; set result_backend, for example to redis://localhost:6379/1"
                            .formatted(muster.store().description()));
        }
    }

    private static boolean hasChord(Workflow<?> workflow) {
        return switch (workflow) {
            case Signature<?> _ -> false;
            case Chain<?> chain -> chain.steps().stream().anyMatch(Dispatcher::hasChord);
            case Group<?> group -> group.members().stream().anyMatch(Dispatcher::hasChord);
            case Chord<?> _ -> true;
        };
    }

    /// Sends what follows a task.
    ///
    /// @param args come before the arguments of what starts, unless that is complete
    /// @param chain what comes after, the next step last; null to leave that to the workflow
    /// @return the results of the tasks that were sent
    ResultTree follow(
            Workflow<?> workflow,
            List<@Nullable Object> args,
            @Nullable Links chain,
            Origin origin) {
        var unroller = unroller(origin, origin.replyTo());
        var started = unroller.start(workflow, args, chain);
        publish(
                plan(unroller, List.of(started), muster.uniqueCalls().none()),
                PublishRetry.PATIENT);
        return started.started();
    }

    /// Sends a workflow for a task, as its child.
    ///
    /// @return where its results will be
    ResultTree followFully(Workflow<?> workflow, Origin origin) {
        var unroller = unroller(origin, origin.replyTo());
        var started = unroller.start(workflow, List.of(), null);
        publish(
                plan(unroller, List.of(started), muster.uniqueCalls().none()),
                PublishRetry.PATIENT);
        if (TaskContext.CURRENT.isBound()) {
            TaskContext.CURRENT.get().addSent(started.started());
        }
        return started.results();
    }

    private Plan plan(
            Unroller unroller, List<Unroller.Started> started, UniqueCalls.Claims claims) {
        try {
            return planned(unroller, started, claims);
        } catch (RuntimeException | Error e) { // such as an argument that cannot be written
            claims.release();
            throw e;
        }
    }

    private Plan planned(
            Unroller unroller, List<Unroller.Started> started, UniqueCalls.Claims claims) {
        var routes = new LinkedHashSet<Queues.Route>();
        var calls = new ArrayList<>(unroller.calls());
        if (!unroller.counts().isEmpty() && muster.store().groups().isEmpty()) {
            unroller.counts().forEach(count -> calls.add(unlocking(count)));
        }
        var publications = new ArrayList<Publication>(calls.size());
        var now = muster.environment().clock().instant();
        for (var given : calls) {
            var admitted = claims.admit(muster.withDefaults(given));
            if (admitted.isEmpty()) {
                continue;
            }
            var call = muster.routed(admitted.get());
            Idempotency.requireStore(muster, call);
            var id = call.option(Option.TASK_ID).orElseThrow();
            var route = muster.queueDirectory().route(call);
            routes.add(route);
            muster.hooks().sending(call, id);
            publications.add(muster.writer().write(call, id, route, now));
        }
        return new Plan(started, unroller.counts(), claims, routes, publications);
    }

    /// The task that looks whether all members of a chord have ended, for stores that do not count.
    private Signature<?> unlocking(Unroller.Count count) {
        var header = count.header();
        var kwargs = new LinkedHashMap<String, @Nullable Object>();
        kwargs.put("interval", null);
        kwargs.put("max_retries", null);
        kwargs.put("result", header.members().stream().map(ResultTree::toTuple).toList());
        Workflow<?> unlock =
                Signature.of(ChordUnlock.NAME, header.id(), WorkflowFormat.write(count.body()))
                        .kwargs(kwargs)
                        .ignoreResult(true)
                        .id(UUID.randomUUID().toString())
                        .countdown(UNLOCK_DELAY);
        var body = ChordUnlock.first(count.body());
        for (var option : List.of(Option.QUEUE, Option.ROUTING_KEY, Option.EXCHANGE)) {
            unlock = unlock.withDefault(option, body.option(option).orElse(null));
        }
        return (Signature<?>)
                unlock.withDefault(Option.PRIORITY, body.option(Option.PRIORITY).orElse(null));
    }

    private void publish(Plan plan, PublishRetry patience) {
        try {
            count(plan);
            publishAll(plan, patience);
        } catch (RuntimeException | Error e) {
            plan.claims.release();
            throw e;
        }
    }

    private void publishAll(Plan plan, PublishRetry patience) {
        var publications = plan.publications;
        for (var start = 0; start < publications.size(); start += PORTION) {
            var end = Math.min(start + PORTION, publications.size());
            var chunk = publications.subList(start, end);
            muster.hooks()
                    .publish(
                            chunk,
                            messages ->
                                    patience.run(
                                            muster.environment(),
                                            () -> {
                                                plan.routes.forEach(
                                                        route -> route.declare(muster.broker()));
                                                publish(messages, plan.routes);
                                            }));
            if (muster.settings().get(Setting.TASK_SEND_SENT_EVENT)) {
                chunk.forEach(this::tellSent);
            }
        }
    }

    private void publish(List<Publication> chunk, Set<Queues.Route> routes) {
        try {
            muster.broker().publish(chunk);
        } catch (BrokerException e) {
            var broadcasts = routes.stream().flatMap(route -> route.broadcast().stream()).toList();
            if (e.isUnroutable() && broadcasts.size() == routes.size()) {
                throw BrokerException.unheard(broadcasts.getFirst().name(), e);
            }
            throw e;
        }
    }

    private void tellSent(Publication publication) {
        var headers = publication.message().headers();
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("uuid", headers.get("id"));
        fields.put("name", headers.get("task"));
        fields.put("args", headers.get("argsrepr"));
        fields.put("kwargs", headers.get("kwargsrepr"));
        for (var same : List.of("root_id", "parent_id", "retries", "eta", "expires")) {
            fields.put(same, headers.get(same));
        }
        fields.put("queue", publication.routingKey());
        fields.put("exchange", publication.exchange());
        fields.put("routing_key", publication.routingKey());
        muster.events().send("task-sent", fields);
    }

    /// Before any member of a chord is sent, the store knows how many there are.
    private void count(Plan plan) {
        if (plan.counts.isEmpty()) {
            return;
        }
        muster.store()
                .groups()
                .ifPresent(groups -> {
                    for (var count : plan.counts) {
                        var header = count.header();
                        // Members with groups of their own: the body gets their values as they are
                        // nested.
                        if (header.members().stream().anyMatch(ResultTree.Many.class::isInstance)) {
                            groups.save(header.id(), header.toTuple());
                        }
                        groups.expect(header.id(), count.size());
                    }
                });
    }
}
