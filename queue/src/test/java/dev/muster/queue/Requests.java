package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Requests for tests that need one but not what is in it.
final class Requests {
    private Requests() {}

    static TaskRequest request(
            String id, String task, List<Object> args, Map<String, Object> kwargs) {
        return new TaskRequest(
                id,
                task,
                args,
                kwargs,
                Map.of(),
                TaskRequest.Embed.NOTHING,
                Optional.empty(),
                Optional.empty(),
                0,
                TaskRequest.TimeLimit.NONE,
                Optional.of(id),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("gen1@h"),
                Optional.empty(),
                Optional.of(false),
                Optional.of("reply-1"),
                Optional.of(id));
    }

    /// The context of a task that nothing follows.
    static TaskContext context(TaskRequest request) {
        var muster =
                Muster.builder().settings(Settings.DEFAULT.with("broker_url", "memory:")).build();
        var followers = new Followers(muster, new Recorder(muster, "w@h"));
        var nothing = Aftermath.Plan.of(TaskRequest.Embed.NOTHING);
        return new TaskContext(
                request,
                new DeliveryInfo("", "", null, false),
                "w@h",
                (_, _) -> {},
                new Aftermath(followers, request, nothing, null));
    }
}
