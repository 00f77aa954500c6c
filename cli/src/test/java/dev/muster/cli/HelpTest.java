package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

class HelpTest {
    static List<String> verbs() {
        return Main.VERBS;
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbHasHelpThatEndsWithAnExample(String verb) {
        var help = Cli.run(verb, "--help");

        assertThat(help.status()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out())
                .startsWith("Usage: muster " + verb)
                .containsPattern("Examples?:\n  muster " + verb + "\\b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "find"})
    void everySubcommandHasHelpThatEndsWithAnExample(String subcommand) {
        var help = Cli.run("pool", subcommand, "--help");

        assertThat(help.status()).isZero();
        assertThat(help.out())
                .startsWith("Usage: muster pool " + subcommand)
                .containsPattern("Examples?:\n.*muster pool " + subcommand + "\\b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "add", "pause", "resume", "remove"})
    void whatCanBeDoneWithAScheduleHasHelpThatEndsWithAnExample(String subcommand) {
        var help = Cli.run("schedule", subcommand, "--help");

        assertThat(help.status()).isZero();
        assertThat(help.out())
                .startsWith("Usage: muster schedule " + subcommand)
                .containsPattern("Examples?:\n.*muster schedule " + subcommand + "\\b");
    }

    @Test
    void withoutAVerbItSaysWhichThereAre() {
        var help = Cli.run();

        assertThat(help.status()).isZero();
        assertThat(help.out())
                .contains("run ", "worker ", "call ", "result ", "purge ", "list ", "report ");
    }

    @Test
    void tellsTheVersionOfTheProject() throws Exception {
        var version =
                XPathFactory.newDefaultInstance()
                        .newXPath()
                        .evaluate("/project/parent/version", pom());

        assertThat(version).isNotEmpty();
        assertThat(Cli.run("--version").out().strip()).isEqualTo("muster " + version);
        // Among other words it is left to the parser.
        assertThat(Cli.run("--version", "worker").out().strip()).isEqualTo("muster " + version);
        assertThat(Cli.run("worker", "--version").out().strip()).isEqualTo("muster " + version);
        assertThat(Cli.run("schedule", "list", "-V").out().strip()).isEqualTo("muster " + version);
    }

    private static Document pom() throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile());
    }
}
