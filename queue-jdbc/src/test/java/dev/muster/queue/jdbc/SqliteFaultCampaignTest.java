package dev.muster.queue.jdbc;

import dev.muster.testkit.FaultCampaignContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class SqliteFaultCampaignTest extends FaultCampaignContract {
    @TempDir private Path folder;

    @Override
    protected Map<String, Object> settings() {
        var url = "sqlite:" + folder.resolve("queue.db");
        return Map.of(
                "broker_url",
                url,
                "result_backend",
                url,
                "broker_transport_options",
                Map.of("lease", "3s"));
    }

    @Override
    protected List<Fault> faults() {
        return List.of(); // there is no server, and no network
    }
}
