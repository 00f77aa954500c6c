package dev.muster.queue.jdbc;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wake-ups among those who share a SQLite file: within the process by a call, between processes by
/// touching a file that the others watch (inotify on Linux).
///
/// Events that the kernel drops (it tells so) and a folder that is deleted wake everyone. Where the
/// system has no such events (macOS) Java's watch service looks every few seconds.
final class SqliteWakeups implements Wakeups {
    private final FileSource source;
    private final Topic topic;
    private @Nullable Listener listener;

    SqliteWakeups(FileSource source, Topic topic) {
        this.source = source;
        this.topic = topic;
    }

    @Override
    public synchronized void listen(Listener newListener) throws SQLException {
        if (listener != null) {
            return;
        }
        try {
            source.file().watch().add(topic, newListener);
        } catch (IOException e) {
            throw new SQLException(
                    "changes beside the file cannot be watched: " + e.getMessage(), e);
        }
        listener = newListener;
    }

    @Override
    public void beforeCommit(Session.Transaction transaction, Collection<String> names) {
        // Nobody could see the rows yet.
    }

    @Override
    public void afterCommit(Collection<String> names) throws SQLException {
        var watch = source.file().watch();
        for (var name : names) {
            watch.tell(topic, name);
        }
        watch.touch(topic);
    }

    @Override
    public synchronized void close() throws SQLException {
        if (listener != null) {
            source.file().watch().remove(topic, listener);
            listener = null;
        }
    }

    /// Finds the file when it is first needed.
    @FunctionalInterface
    interface FileSource {
        SqliteFile file() throws SQLException;
    }

    /// The watch that all brokers and stores of a process keep on the folder of one database.
    static final class Watch {
        private static final Logger LOG = LoggerFactory.getLogger(SqliteWakeups.class);

        private final Path folder;
        private final Map<Topic, List<Listener>> listeners =
                Map.of(
                        Topic.MESSAGES, new CopyOnWriteArrayList<>(),
                        Topic.RESULTS, new CopyOnWriteArrayList<>());
        private final ReentrantLock lock = new ReentrantLock();

        /// Guarded by the lock; there is one once somebody listens.
        private @Nullable WatchService service;

        Watch(Path folder) {
            this.folder = folder;
        }

        private void add(Topic topic, Listener listener) throws IOException {
            lock.lock();
            try {
                if (service == null) {
                    var started = folder.getFileSystem().newWatchService();
                    try {
                        register(started);
                    } catch (IOException e) {
                        started.close();
                        throw e;
                    }
                    service = started;
                    Thread.ofPlatform()
                            .daemon()
                            .name("muster-sqlite-wakeups")
                            .start(() -> watch(started));
                }
                of(topic).add(listener);
            } finally {
                lock.unlock();
            }
        }

        private void remove(Topic topic, Listener listener) {
            of(topic).remove(listener);
        }

        private List<Listener> of(Topic topic) {
            return listeners.getOrDefault(topic, List.of());
        }

        private void register(WatchService started) throws IOException {
            Files.createDirectories(folder);
            folder.register(started, ENTRY_CREATE, ENTRY_MODIFY);
        }

        private void tell(Topic topic, String name) {
            for (var listener : of(topic)) {
                listener.heard(name);
            }
        }

        private void touch(Topic topic) {
            var file = folder.resolve(topic.wireName());
            try {
                try {
                    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
                } catch (NoSuchFileException _) {
                    Files.createDirectories(folder);
                    Files.write(file, new byte[0]);
                }
            } catch (IOException e) {
                LOG.debug("{} cannot be touched; others notice later", file, e);
            }
        }

        private void watch(WatchService started) {
            try {
                while (true) {
                    var key = started.take();
                    for (var event : key.pollEvents()) {
                        if (event.context() instanceof Path changed) {
                            heard(changed.toString());
                        } else {
                            // An overflow: the kernel has dropped events.
                            heardAll();
                        }
                    }
                    if (!key.reset()) {
                        register(started);
                        heardAll();
                    }
                }
            } catch (ClosedWatchServiceException | InterruptedException _) {
                // The last user has closed it.
            } catch (IOException | RuntimeException e) {
                LOG.warn(
                        "the folder {} cannot be watched any more; messages of other processes are"
                                + " noticed with delay",
                        folder,
                        e);
            }
        }

        private void heard(String file) {
            for (var topic : Topic.values()) {
                if (topic.wireName().equals(file)) {
                    tell(topic, "");
                }
            }
        }

        private void heardAll() {
            for (var topic : Topic.values()) {
                tell(topic, "");
            }
        }

        void close() {
            lock.lock();
            try {
                if (service != null) {
                    service.close();
                }
            } catch (IOException _) {
                // It only held a watch.
            } finally {
                service = null;
                lock.unlock();
            }
        }
    }
}
