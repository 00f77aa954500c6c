package dev.muster.queue.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Queue;
import dev.muster.testkit.Python;
import dev.muster.testkit.Servers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What we declare and what Celery declares is the same: neither gets a 406, whoever comes first.
class CeleryTopologyTest {
    private static final String DECLARE =
            """
            import sys
            from celery import Celery
            from kombu import Exchange, Queue
            from kombu.pidbox import Mailbox

            url, name = sys.argv[1:]
            app = Celery(broker=url, backend='rpc://')
            app.conf.task_default_queue = name
            mailbox = Mailbox(name, type='fanout', queue_ttl=300, queue_expires=10)
            replies = app.backend.Queue(
                name + '.replies', app.backend.exchange, name + '.replies',
                durable=False, auto_delete=True, expires=app.backend.expires)
            with app.connection_for_write() as connection:
                channel = connection.default_channel
                for queue in [
                        app.amqp.queues[name],
                        Queue(name + '.p', Exchange(name + '.p'), name + '.p', max_priority=10),
                        Queue(name + '.q', Exchange(name + '.q'), name + '.q',
                              queue_arguments={'x-queue-type': 'quorum'}),
                        Queue(name + '.t', Exchange(name + '.t', type='topic'), 'a.#'),
                        mailbox.get_queue('w@h'),
                        replies]:
                    queue(channel).declare()
            """;

    private static void declareInPython(String name) {
        Python.program(DECLARE).withArguments(Servers.rabbit().url(), name).run();
    }

    private static void declareInJava(String name) {
        var pidbox = new Exchange(name + ".pidbox", Exchange.Type.FANOUT, false);
        var topic = new Exchange(name + ".t", Exchange.Type.TOPIC, true);
        try (var broker = Brokers.open(Servers.rabbit().url())) {
            List.of(
                            Queue.named(name),
                            Queue.named(name + ".p").withArguments(Map.of("x-max-priority", 10)),
                            Queue.named(name + ".q")
                                    .withArguments(Map.of("x-queue-type", "quorum")),
                            new Queue(name + ".t", topic, "a.#", Queue.Lifetime.DURABLE, Map.of()),
                            new Queue(
                                    "w@h." + name + ".pidbox",
                                    pidbox,
                                    "",
                                    Queue.Lifetime.REPLIES,
                                    Map.of("x-message-ttl", 300_000L, "x-expires", 10_000L)),
                            Queue.replies(name + ".replies", Map.of("x-expires", 86_400_000L)))
                    .forEach(broker::declare);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eitherMayDeclareFirst(boolean isPythonFirst) {
        var name = "topology-" + UUID.randomUUID();

        if (isPythonFirst) {
            declareInPython(name);
            declareInJava(name);
        } else {
            declareInJava(name);
            declareInPython(name);
        }

        assertThat(listing(name)).isNotEmpty();
    }

    @Test
    void theServerListsTheSame() {
        var java = "topology-" + UUID.randomUUID();
        var python = "topology-" + UUID.randomUUID();
        declareInJava(java);
        var ours = listing(java); // before one of them expires, after ten seconds
        declareInPython(python);

        assertThat(ours).isEqualTo(listing(python)).hasSizeGreaterThan(15);
    }

    private static List<String> listing(String name) {
        var lines = new ArrayList<String>();
        for (var command :
                List.of(
                        "list_queues name durable auto_delete exclusive arguments type",
                        "list_exchanges name type durable auto_delete internal arguments",
                        "list_bindings source_name destination_name routing_key arguments")) {
            Arrays.stream(Servers.rabbit().control(command.split(" ")).split("\n"))
                    .filter(line -> line.contains(name))
                    .map(line -> line.replace(name, "NAME"))
                    .sorted()
                    .forEach(lines::add);
        }
        return lines;
    }
}
