package dev.muster.parallel.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.SharedKey;
import dev.muster.parallel.wire.TypeFilter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the tests of managers share.
final class Managers {
    static final SharedKey KEY = SharedKey.ofText("correct horse battery");
    static final LinkOptions OPTIONS = LinkOptions.of(KEY);

    /// For what must come, on a machine that is busy.
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private Managers() {}

    static SharedManager listen() {
        return SharedManager.listen("127.0.0.1:0", OPTIONS);
    }

    static SharedClient connect(SharedManager manager) {
        return SharedClient.connect(manager.address(), KEY);
    }

    static SharedClient connect(SharedManager manager, LinkOptions options) {
        return SharedClient.connect(manager.address(), options, TypeFilter.DATA);
    }

    /// Something that runs beside the test.
    ///
    /// @param thread for interrupts
    record Running<T extends @Nullable Object>(Thread thread, CompletableFuture<T> future) {
        T get() throws Exception {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        /// What it throws.
        Throwable failure() throws Exception {
            try {
                throw new AssertionError("it returned " + get());
            } catch (ExecutionException e) {
                return Objects.requireNonNull(e.getCause());
            }
        }

        /// Waits until its call has been sent, and is waited for.
        Running<T> awaitWaiting() {
            await().atMost(PATIENCE)
                    .until(() -> thread.getState() == Thread.State.WAITING || future.isDone());
            assertThat(future).isNotDone();
            return this;
        }
    }

    static <T extends @Nullable Object> Running<T> start(Callable<T> call) {
        var future = new CompletableFuture<T>();
        var thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                future.complete(call.call());
                            } catch (Throwable e) {
                                future.completeExceptionally(e);
                            }
                        });
        return new Running<>(thread, future);
    }
}
