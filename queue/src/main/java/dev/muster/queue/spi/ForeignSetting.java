package dev.muster.queue.spi;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A setting of Celery's that has no meaning here, and what stands in its place.
///
/// One that would change what becomes of a task, its message or its result is refused, as whoever
/// sets it counts on that. One that only tunes the inside of Celery is left out, with a warning, so
/// that both can share a configuration.
///
/// @param refused whether it is an error, and not only a warning
/// @param reason why, and what to do instead, in a sentence
public record ForeignSetting(String name, boolean refused, String reason) {
    private static final Map<String, ForeignSetting> ALL = new LinkedHashMap<>();

    /// Settings of result stores and the like that only Python has, by the beginning of their
    /// names.
    private static final Map<String, String> FAMILIES =
            Map.ofEntries(
                    Map.entry("arangodb_", "ArangoDB"),
                    Map.entry("azureblockblob_", "Azure Block Blob"),
                    Map.entry("cache_", "memcached"),
                    Map.entry("cassandra_", "Cassandra"),
                    Map.entry("cosmosdbsql_", "Cosmos DB"),
                    Map.entry("couchbase_", "Couchbase"),
                    Map.entry("dynamodb_", "DynamoDB"),
                    Map.entry("elasticsearch_", "Elasticsearch"),
                    Map.entry("gcs_", "Google Cloud Storage"),
                    Map.entry("mongodb_", "MongoDB"),
                    Map.entry("s3_", "S3"));

    private static final String TRANSIENT_QUEUES =
            "such a queue is deleted with its reader; RabbitMQ 4.3 and later need deprecated_features.permit.transient_nonexcl_queues = true in rabbitmq.conf for it";

    private static final String LOGGING =
            "--logfile and --log-format of the command say how it logs, and a program logs as its SLF4J backend says";

    private static final String STORED_AGAIN =
            "results are stored again after 0.1 s, then at growing intervals up to 10 s";

    static {
        refused(
                "beat_scheduler",
                "there is one scheduler; beat_schedule_store says where it keeps its state");
        refused(
                "broker_failover_strategy",
                "the servers of broker_url are tried in order, beginning with the one that answered last");
        refused("broker_host", "say it in broker_url");
        refused(
                "broker_login_method",
                "users log in by name and password, as broker_url gives them");
        refused("broker_password", "say it in broker_url");
        refused("broker_port", "say it in broker_url");
        refused("broker_read_url", "there is one broker for both ways: broker_url");
        refused("broker_transport", "the scheme of broker_url says it");
        refused("broker_user", "say it in broker_url");
        refused("broker_vhost", "say it in broker_url");
        refused("broker_write_url", "there is one broker for both ways: broker_url");
        refused("control_queue_durable", TRANSIENT_QUEUES);
        refused("control_queue_exclusive", TRANSIENT_QUEUES);
        refused(
                "database_engine_options",
                "parameters of the JDBC driver stand in the URL, after the ?");
        refused(
                "database_table_names",
                "the tables are named muster_…; give them a database of their own if that is in the way");
        refused("database_table_schemas", "say it in the URL: postgresql://…?currentSchema=NAME");
        refused("database_url", "say it in result_backend: postgresql://… or sqlite:…");
        refused(
                "enable_utc",
                "times in messages are always UTC; timezone says in which zone crontabs are meant");
        refused("event_queue_durable", TRANSIENT_QUEUES);
        refused("event_queue_exclusive", TRANSIENT_QUEUES);
        refused("imports", "tasks are found in what -A names, or tasks(…) in code");
        refused("include", "tasks are found in what -A names, or tasks(…) in code");
        refused("redis_db", "say it in result_backend: redis://host:6379/0");
        refused("redis_host", "say it in result_backend: redis://host:6379/0");
        refused("redis_password", "say it in result_backend: redis://:secret@host:6379/0");
        refused("redis_port", "say it in result_backend: redis://host:6379/0");
        refused("redis_username", "say it in result_backend: redis://user:secret@host:6379/0");
        refused(
                "result_accept_content",
                "results are JSON, and nothing else is read; write them as JSON in Celery, too");
        refused(
                "result_chord_join_timeout",
                "the body of a chord starts when the results of all members are stored, so nothing waits for them then");
        refused(
                "result_compression",
                "results are stored as they are; task_compression compresses messages");
        refused("result_serializer", "results are JSON; write them as JSON in Celery, too");
        refused(
                "task_always_eager",
                "tests run tasks where they are sent with TestMuster.eager of muster-testkit, and muster run FILE.java without broker_url runs them in the program");
        refused(
                "task_annotations",
                "@Task says it at each task, and a task_… setting for all of them");
        refused(
                "task_eager_propagates",
                "see task_always_eager; get() of a result throws what the task threw");
        refused("task_protocol", "messages are written in protocol 2; 1 and 2 are read");
        refused(
                "task_store_eager_result",
                "see task_always_eager; TestMuster keeps results in memory");
        refused(
                "worker_pool",
                "the option -P of muster worker says it, or worker().pool(…) in code");

        ignored("beat_sync_every", "the state of a schedule is written with each run");
        ignored(
                "broker_heartbeat_checkrate",
                "the client library looks twice in each broker_heartbeat");
        ignored(
                "broker_pool_limit",
                "one connection sends for all threads, and each reader has one of its own");
        ignored(
                "database_create_tables_at_setup",
                "tables are made at the first use where they are missing");
        ignored(
                "database_short_lived_sessions",
                "connections are kept, and opened again when they are lost");
        ignored(
                "redis_backend_health_check_interval",
                "a connection that is lost is opened again by its next use");
        ignored("redis_max_connections", "all threads share a few connections");
        ignored(
                "redis_retry_on_timeout",
                "results are stored again while the server is away in any case");
        ignored("redis_socket_keepalive", "redis_socket_timeout notices a server that is gone");
        ignored("result_backend_base_sleep_between_retries_ms", STORED_AGAIN);
        ignored("result_backend_max_sleep_between_retries_ms", STORED_AGAIN);
        ignored("result_cache_max", "a result is kept by its Result, and nowhere else");
        ignored("result_exchange", "rpc:// sends results to the queue of the client");
        ignored("result_exchange_type", "rpc:// sends results to the queue of the client");
        ignored("task_remote_tracebacks", "remoteTraceback() of a TaskFailedException has it");
        ignored("worker_agent", "it names a class of Python");
        ignored(
                "worker_autoscaler",
                "it names a class of Python; the option --autoscale turns autoscaling on");
        ignored("worker_consumer", "it names a class of Python");
        ignored(
                "worker_detect_quorum_queues",
                "a quorum queue is known by task_queues and task_default_queue_type");
        ignored(
                "worker_enable_prefetch_count_reduction",
                "after a reconnect no more is fetched than there is room for beside what still runs");
        ignored("worker_hijack_root_logger", LOGGING);
        ignored("worker_log_color", LOGGING);
        ignored("worker_log_format", LOGGING);
        ignored(
                "worker_lost_wait",
                "a child process that dies is noticed at once, and its task settled");
        ignored("worker_pool_putlocks", "messages are fetched while there is room for them");
        ignored("worker_pool_restarts", "there is no command to restart a pool");
        ignored(
                "worker_proc_alive_timeout",
                "a child that ends before it is ready is started again, and after three in a row the worker stops");
        ignored("worker_redirect_stdouts", "what tasks print goes where the process prints");
        ignored("worker_redirect_stdouts_level", "what tasks print goes where the process prints");
        ignored("worker_task_log_format", LOGGING);
        ignored("worker_timer", "it names a class of Python");
        ignored("worker_timer_precision", "timers ring when something is due");
    }

    private static void refused(String name, String reason) {
        ALL.put(name, new ForeignSetting(name, true, reason));
    }

    private static void ignored(String name, String reason) {
        ALL.put(name, new ForeignSetting(name, false, reason));
    }

    /// All that have a sentence of their own, by name.
    public static Map<String, ForeignSetting> all() {
        return new LinkedHashMap<>(ALL);
    }

    /// The one of this name, if Celery has it and we have not.
    static Optional<ForeignSetting> find(String name) {
        return Optional.ofNullable(ALL.get(name))
                .or(() ->
                        FAMILIES.entrySet().stream()
                                .filter(family -> name.startsWith(family.getKey()))
                                .map(family ->
                                        new ForeignSetting(
                                                name,
                                                true,
                                                "results cannot be kept in %s; result_backend names a store that they can be kept in"
                                                        .formatted(family.getValue())))
                                .findFirst());
    }
}
