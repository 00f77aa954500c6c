package dev.muster.cli;

import org.jspecify.annotations.Nullable;

/// Ends a verb with a message for the user and an exit status.
final class CommandException extends RuntimeException {
    private final int status;

    private CommandException(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /// The user asked for something that cannot be.
    static CommandException wrongUse(String message) {
        return new CommandException(2, message, null);
    }

    static CommandException wrongUse(String message, Throwable cause) {
        return new CommandException(2, message, cause);
    }

    /// What was asked for did not work out.
    static CommandException failed(String message) {
        return new CommandException(1, message, null);
    }

    static CommandException failed(String message, Throwable cause) {
        return new CommandException(1, message, cause);
    }

    int status() {
        return status;
    }
}
