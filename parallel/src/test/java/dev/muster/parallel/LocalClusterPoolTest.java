package dev.muster.parallel;

import dev.muster.parallel.cluster.ClusterPool;

class LocalClusterPoolTest extends PoolContract {
    @Override
    Pool open(int size) {
        if (size == 0) {
            throw new IllegalArgumentException("0 is allowed where there are servers");
        }
        return ClusterPool.builder().local(size).open();
    }
}
