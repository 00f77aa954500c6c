package dev.muster.testkit;

import dev.muster.queue.schedule.FileScheduleStore;
import dev.muster.queue.spi.ScheduleStore;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class FileScheduleTest {
    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("state/schedule.json");
    }

    @Nested
    class Store extends ScheduleStoreContract {
        @Override
        protected ScheduleStore openStore() {
            return new FileScheduleStore(file());
        }

        @Override
        protected boolean hasLeases() {
            return false;
        }
    }

    @Nested
    class Beats extends BeatContract {
        @Override
        protected Map<String, Object> store() {
            return Map.of("beat_schedule_filename", file().toString());
        }
    }
}
