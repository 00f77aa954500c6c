package dev.muster.parallel;

class VirtualPoolTest extends PoolContract {
    @Override
    Pool open(int size) {
        return Pool.virtual(size);
    }
}
