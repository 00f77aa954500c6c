package dev.muster.cli;

import dev.muster.queue.NotATaskException;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Says what went wrong in one line; with `-l debug` also where.
final class Problems {
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;

    /// How picocli lists the values of an enum, which are written in lower case here.
    private static final Pattern CONSTANTS =
            Pattern.compile("\\[([A-Z, ]+)] \\(case-insensitive\\)");

    private Problems() {}

    static int wrongUse(ParameterException problem, String[] args) {
        var command = problem.getCommandLine();
        var err = command.getErr();
        err.println("muster: " + message(problem));
        if (problem instanceof UnmatchedArgumentException unmatched) {
            suggestion(unmatched).ifPresent(err::println);
        }
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return WRONG_USE;
    }

    /// What picocli says, but for where that is wrong or hard to understand.
    private static String message(ParameterException problem) {
        if (problem instanceof UnmatchedArgumentException unmatched
                && unmatched.getCommandLine().getParent() == null
                && !unmatched.getUnmatched().getFirst().startsWith("-")) {
            return "there is no verb '%s'".formatted(unmatched.getUnmatched().getFirst());
        }
        var text =
                String.valueOf(problem.getMessage())
                        .replace("option option", "option")
                        .replaceFirst("^Error: ", "");
        return CONSTANTS
                .matcher(text)
                .replaceFirst(choice -> choice.group(1).toLowerCase(Locale.ROOT));
    }

    /// What may have been meant by a word that is none of the command's.
    private static Optional<String> suggestion(UnmatchedArgumentException problem) {
        var command = problem.getCommandLine().getCommandSpec();
        var word = problem.getUnmatched().getFirst();
        return word.startsWith("-")
                ? Settings.near(word, command.optionsMap().keySet())
                        .map(option -> "Did you mean: %s?".formatted(option))
                : Settings.near(word, command.subcommands().keySet())
                        .map(verb ->
                                "Did you mean: %s %s?".formatted(command.qualifiedName(), verb));
    }

    static int failed(Exception problem, CommandLine command, ParseResult parsed) {
        var err = command.getErr();
        err.println("muster: " + message(problem));
        if (wantsDetails(parsed)) {
            if (problem instanceof TaskFailedException task) {
                task.remoteTraceback().ifPresent(err::println);
            }
            problem.printStackTrace(err);
        }
        return switch (problem) {
            case CommandException known -> known.status();
            case SettingsException _, NotATaskException _, IllegalArgumentException _ -> WRONG_USE;
            default -> FAILED;
        };
    }

    private static String message(Exception problem) {
        return switch (problem) {
            case CommandException known -> String.valueOf(known.getMessage());
            case TaskFailedException unknown
                    when unknown.remoteType().equals("celery.exceptions.NotRegistered") ->
                    "%s; the worker that took it has no such task, and muster inspect registered shows those that workers have"
                            .formatted(unknown.getMessage());
            case MusterException known -> String.valueOf(known.getMessage());
            case IllegalArgumentException known -> String.valueOf(known.getMessage());
            default -> "%s; run the command with -l debug to see where".formatted(problem);
        };
    }

    private static boolean wantsDetails(ParseResult parsed) {
        var verb = Objects.requireNonNullElse(parsed.subcommand(), parsed);
        return verb.matchedOptionValue("--loglevel", LogLevel.WARNING) == LogLevel.DEBUG;
    }
}
