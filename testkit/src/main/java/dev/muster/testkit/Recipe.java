package dev.muster.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// Commands as `docs/security.md` prints them, so that tests run just these.
public final class Recipe {
    private static final Path PAGE = Path.of("..", "docs", "security.md");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    /// What a shell does not take for a part of a word.
    private static final Pattern SHELL = Pattern.compile("[|&;<>()$`*?~]");

    private Recipe() {}

    /// The words of each command.
    ///
    /// @param name that a comment in front of the block has
    public static List<List<String>> commands(String name) {
        String page;
        try {
            page = Files.readString(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var mark = "<!-- recipe: %s -->\n\n".formatted(name);
        var start = page.indexOf(mark);
        if (start < 0) {
            throw new IllegalArgumentException("%s has no recipe '%s'".formatted(PAGE, name));
        }
        return page.substring(start + mark.length())
                .replace("\\\n", " ")
                .lines()
                .takeWhile(line -> line.startsWith("    "))
                .map(line ->
                        WORD.matcher(line)
                                .results()
                                .map(word ->
                                        word.group(1) == null
                                                ? plain(word.group(2))
                                                : word.group(1))
                                .toList())
                .toList();
    }

    /// A word without quotes, which a reader's shell must leave as it is, too.
    private static String plain(String word) {
        if (SHELL.matcher(word).find()) {
            throw new IllegalArgumentException(
                    "%s: a shell does not take %s as it is; put it in quotes"
                            .formatted(PAGE, word));
        }
        return word;
    }
}
