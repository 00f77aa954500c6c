package dev.muster.parallel.shared;

import java.io.IOException;

/// The connection to the manager is lost, or was closed. The client cannot be used any more: its
/// locks and permits are released, and what was under way may be done or not. To go on,
/// [SharedClient#connect] again, and ask the new client for what is needed.
public final class ManagerLostException extends ManagerException {
    ManagerLostException(IOException cause) {
        super(
                "the manager is lost: %s; connect again to go on".formatted(cause.getMessage()),
                cause);
    }
}
