package dev.muster.cli;

import dev.muster.parallel.child.Output;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what child processes log and print into the log of their parent.
///
/// @param format in which they log
record ChildLog(LogFormat format) implements Output {
    private static final Logger LOG = LoggerFactory.getLogger(ChildLog.class);

    @Override
    public void line(String child, boolean isError, String line) {
        switch (format) {
            // An error, as the child has decided already that it is worth logging.
            case TEXT -> LOG.error(LineLayout.AS_IT_IS, "[{}] {}", child, line);
            case JSON -> {
                if (isError && line.startsWith(JsonLayout.START)) {
                    LOG.error(LineLayout.AS_IT_IS, line);
                } else if (isError) {
                    LOG.warn("[{}] {}", child, line);
                } else {
                    LOG.info("[{}] {}", child, line);
                }
            }
        }
    }
}
