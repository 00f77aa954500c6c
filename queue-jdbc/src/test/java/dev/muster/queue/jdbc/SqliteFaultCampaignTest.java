package dev.muster.queue.jdbc;

import dev.muster.testkit.Fault;
import dev.muster.testkit.FaultCampaignContract;
import dev.muster.testkit.SmallDisk;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class SqliteFaultCampaignTest extends FaultCampaignContract {
    private static SmallDisk disk;

    @BeforeAll
    static void openDisk() {
        disk = SmallDisk.openIfPossible();
    }

    @AfterAll
    static void closeDisk() {
        disk.close();
    }

    @Override
    protected Map<String, Object> settings() {
        var url = "sqlite:" + disk.path().resolve("queue.db");
        return Map.of(
                "broker_url",
                url,
                "result_backend",
                url,
                "broker_transport_options",
                Map.of("lease", "3s"));
    }

    @Override
    protected boolean isOneMachine() {
        return true;
    }

    /// There is no server, and no network.
    @Override
    protected List<Fault> faults() {
        return Fault.of(disk, 0, () -> {});
    }
}
