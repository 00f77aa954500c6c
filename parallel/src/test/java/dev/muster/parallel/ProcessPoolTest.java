package dev.muster.parallel;

class ProcessPoolTest extends PoolContract {
    @Override
    Pool open(int size) {
        return Pool.processes(size);
    }
}
