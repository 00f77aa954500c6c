package dev.muster.parallel.wire;

import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Calls a function for each of several items, and returns a list of the results.
///
/// @param arity how many arguments each item is, which follows from the class of the function
public record OfChunk(RemoteFunction function, int arity) implements RemoteFunction {
    @Override
    public Object apply(@Nullable Object[] arguments) throws Exception {
        var results = new ArrayList<@Nullable Object>(arguments.length / arity);
        for (var from = 0; from < arguments.length; from += arity) {
            results.add(function.apply(Arrays.copyOfRange(arguments, from, from + arity)));
        }
        return results;
    }
}
