package dev.muster.queue;

import dev.muster.queue.Signature.Body;
import dev.muster.queue.Signature.Headers;
import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.message.TaskProtocol;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Writes calls as messages, ready to be published. Thread-safe.
final class TaskWriter {
    private final TaskProtocol protocol;
    private final Settings settings;
    private final String origin;
    private final String replyAddress;
    private final Supplier<String> replyAddressOfStore;

    /// @param origin who sends, for people
    /// @param replyAddress of calls whose results nobody waits for
    /// @param replyAddressOfStore of the others
    TaskWriter(
            TaskProtocol protocol,
            Settings settings,
            String origin,
            String replyAddress,
            Supplier<String> replyAddressOfStore) {
        this.protocol = protocol;
        this.settings = settings;
        this.origin = origin;
        this.replyAddress = replyAddress;
        this.replyAddressOfStore = replyAddressOfStore;
    }

    /// Writes a call that has all of its options.
    ///
    /// @throws EncodeException when its arguments cannot be written, or are too large
    Publication write(Signature<?> call, String id, Queues.Route route, Instant now) {
        var expires = call.option(Option.EXPIRES).map(expiry -> expiry.instant(now));
        var eta = call.option(Option.ETA).map(start -> start.instant(now));
        var ignoreResult = call.ignoresResult(settings);
        var request =
                new TaskRequest(
                        id,
                        call.task(),
                        call.args(),
                        call.kwargs(),
                        headers(call),
                        embed(call),
                        eta,
                        expires,
                        0,
                        timeLimit(call),
                        call.option(Option.ROOT_ID).or(() -> Optional.of(id)),
                        call.option(Option.PARENT_ID),
                        call.option(Option.GROUP_ID),
                        call.option(Option.GROUP_INDEX),
                        Optional.of(origin),
                        call.option(Option.SHADOW),
                        Optional.of(ignoreResult),
                        call.option(Option.REPLY_TO)
                                .or(() ->
                                        Optional.of(
                                                ignoreResult
                                                        ? replyAddress
                                                        : replyAddressOfStore.get())),
                        Optional.of(id));
        var form =
                new TaskProtocol.Form(
                        call.option(Option.SERIALIZER),
                        call.option(Option.COMPRESSION)
                                .or(() -> settings.get(Setting.TASK_COMPRESSION)),
                        settings.get(Setting.TASK_DEFAULT_DELIVERY_MODE) == 2,
                        call.option(Option.PRIORITY)
                                .or(() -> settings.get(Setting.TASK_DEFAULT_PRIORITY))
                                .orElse(0),
                        ignoreResult
                                ? expires.map(instant -> left(instant, now)).orElse(null)
                                : null,
                        now);
        var message = protocol.write(request, form);
        var limit = settings.get(Setting.MESSAGE_MAX_BYTES);
        if (message.body().length > limit) {
            throw new EncodeException(
                    "the arguments of %s take %d bytes, more than message_max_bytes allows (%d); keep large data elsewhere and send its address"
                            .formatted(call.task(), message.body().length, limit));
        }
        return new Publication(route.exchange(), route.routingKey(), message, eta.orElse(null));
    }

    /// Writes a task that shall run again, in the form that its message had.
    ///
    /// @param queue that it shall come through
    Publication rewrite(TaskRequest again, Message before, String queue, Instant now) {
        var properties = before.properties();
        var priority = properties.priority();
        var form =
                new TaskProtocol.Form(
                        Optional.ofNullable(before.contentType())
                                .map(type -> type.replaceFirst(";.*", "").strip()),
                        Optional.ofNullable(before.headers().get("compression"))
                                .map(Object::toString),
                        properties.persistent(),
                        priority == null ? 0 : priority,
                        expiration(properties.expirationMillis(), again, now),
                        now);
        return new Publication("", queue, protocol.write(again, form), again.eta().orElse(now));
    }

    /// A broker drops an expired message without a word, and whoever waits for its result would
    /// wait in vain: so it is told of the expiry only when nobody can wait, and again if it was
    /// told before. A worker drops the others, and records them as REVOKED.
    private static @Nullable Long expiration(
            @Nullable Long before, TaskRequest again, Instant now) {
        return before == null
                ? null
                : again.expires().map(expires -> left(expires, now)).orElse(before);
    }

    /// The milliseconds until then.
    private static long left(Instant expires, Instant now) {
        return Math.max(0, Duration.between(now, expires).toMillis());
    }

    private static TaskRequest.TimeLimit timeLimit(Signature<?> call) {
        var hard = call.option(Option.TIME_LIMIT).orElse(null);
        var soft = call.option(Option.SOFT_TIME_LIMIT).orElse(null);
        if (hard != null && soft != null && soft > hard) {
            throw new IllegalArgumentException(
                    "the soft time limit of %s s is longer than the hard one of %s s"
                            .formatted(soft, hard));
        }
        return new TaskRequest.TimeLimit(hard, soft);
    }

    private static Map<String, @Nullable Object> headers(Signature<?> call) {
        var headers =
                new LinkedHashMap<String, @Nullable Object>(
                        call.option(Option.HEADERS).map(Headers::values).orElse(Map.of()));
        call.option(Option.NESTING)
                .ifPresent(nesting -> headers.put(Option.NESTING.name(), nesting));
        call.option(Option.STAMPS)
                .ifPresent(stamps -> {
                    headers.put(Option.STAMPS.name(), List.copyOf(stamps.values().keySet()));
                    headers.put("stamps", stamps.values());
                });
        return headers;
    }

    private static TaskRequest.Embed embed(Signature<?> call) {
        return new TaskRequest.Embed(
                written(call, Option.LINK),
                written(call, Option.LINK_ERROR),
                written(call, Option.CHAIN),
                call.option(Option.CHORD)
                        .map(Body::workflow)
                        .map(WorkflowFormat::write)
                        .orElse(null));
    }

    private static List<@Nullable Object> written(Signature<?> call, Option<Links> option) {
        return call.option(option)
                .map(links -> WorkflowFormat.writeAll(links.workflows()))
                .orElse(List.of());
    }
}
