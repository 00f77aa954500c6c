package dev.muster.parallel.wire;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A function that can be run in another process, whatever its number of arguments.
public interface RemoteFunction extends Serializable {
    /// Calls it with arguments that have come from elsewhere.
    @Nullable Object apply(@Nullable Object[] arguments) throws Exception;
}
