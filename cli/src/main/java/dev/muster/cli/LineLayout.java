package dev.muster.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import java.util.List;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/// How an event becomes lines of the log.
abstract class LineLayout extends LayoutBase<ILoggingEvent> {
    /// Marks what is a line of a log already, and comes from a child process.
    static final Marker AS_IT_IS = MarkerFactory.getDetachedMarker("as it is");

    @Override
    public final String doLayout(ILoggingEvent event) {
        List<Marker> markers = event.getMarkerList();
        return markers != null && markers.contains(AS_IT_IS)
                ? event.getFormattedMessage() + "\n"
                : lines(event);
    }

    abstract String lines(ILoggingEvent event);
}
