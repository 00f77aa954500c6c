package dev.muster.parallel;

class ThreadPoolTest extends PoolContract {
    @Override
    Pool open(int size) {
        return Pool.threads(size);
    }
}
