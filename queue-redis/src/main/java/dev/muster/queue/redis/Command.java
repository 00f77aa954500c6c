package dev.muster.queue.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.commands.ProtocolCommand;

/// One command to Redis: its arguments and, for a script, the text to fall back to when the server
/// does not have it yet.
record Command(CommandArguments arguments, @Nullable Script script) {
    /// @param arguments byte arrays as they are, numbers and texts as their text in UTF-8
    static Command of(String name, Object... arguments) {
        var command = new CommandArguments(new Name(name));
        for (var argument : arguments) {
            command.add(bytes(argument));
        }
        return new Command(command, null);
    }

    /// A call of a script by its digest.
    static Command script(Script script, List<String> keys, List<?> arguments) {
        return evaluate("EVALSHA", script.digest(), script, keys, arguments);
    }

    private static Command evaluate(
            String name, String textOrDigest, Script script, List<String> keys, List<?> arguments) {
        var command = new CommandArguments(new Name(name));
        command.add(bytes(textOrDigest)).add(bytes(keys.size()));
        keys.forEach(key -> command.add(bytes(key)));
        arguments.forEach(argument -> command.add(bytes(argument)));
        return new Command(command, script);
    }

    private static byte[] bytes(Object argument) {
        return argument instanceof byte[] bytes
                ? bytes
                : Objects.toString(argument).getBytes(StandardCharsets.UTF_8);
    }

    private record Name(String name) implements ProtocolCommand {
        @Override
        public byte[] getRaw() {
            return name.getBytes(StandardCharsets.US_ASCII);
        }
    }
}
