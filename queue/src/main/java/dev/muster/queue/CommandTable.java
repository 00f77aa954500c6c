package dev.muster.queue;

import dev.muster.queue.control.Arguments;
import dev.muster.queue.control.Command;
import dev.muster.queue.control.CommandException;
import dev.muster.queue.control.Mailbox;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The commands that a worker obeys, by name. Filled before the worker listens, and not changed
/// after.
final class CommandTable implements Mailbox.Obedience {
    private final Map<String, Handler> handlers = new LinkedHashMap<>();

    /// What one command does.
    @FunctionalInterface
    interface Handler {
        /// @return the answer, as plain data
        /// @throws CommandException when it cannot be done
        @Nullable Object handle(Arguments arguments);
    }

    /// @param names the command's own and those that it is also known by
    CommandTable with(Handler handler, String... names) {
        for (var name : names) {
            handlers.put(name, handler);
        }
        return this;
    }

    /// @throws NotATaskException when there is another command of that name
    CommandTable withOwn(Handler handler, Method method, Collection<String> names) {
        for (var name : names) {
            if (handlers.putIfAbsent(name, handler) != null) {
                throw new NotATaskException(
                        "%s would be the command '%s', which there is already; give it another name with @ControlCommand(name = …)"
                                .formatted(method, name));
            }
        }
        return this;
    }

    @Override
    public @Nullable Object obey(Command command) {
        var handler = handlers.get(command.method());
        if (handler == null) {
            throw new CommandException("KeyError('%s')".formatted(command.method()));
        }
        return handler.handle(Arguments.of(command));
    }

    static Map<String, @Nullable Object> ok(String text) {
        return answer("ok", text);
    }

    static Map<String, @Nullable Object> answer(String key, @Nullable Object value) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        answer.put(key, value);
        return answer;
    }
}
