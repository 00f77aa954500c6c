package dev.muster.queue.control;

/// A command that cannot be obeyed. The message goes to who has sent it, under `error`.
public final class CommandException extends RuntimeException {
    public CommandException(String message) {
        super(message);
    }
}
