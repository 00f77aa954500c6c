package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real `./muster` in a checkout where Maven and the JDK are stand-ins that note how they are
/// called.
class LauncherTest {
    private static final String MAVEN =
            """
            #!/bin/sh
            root=$(cd "$(dirname "$0")/.." && pwd -P)
            echo "build $*" >>"$root/builds"
            echo '[INFO] Building Muster command 0.1.0-SNAPSHOT                    [2/2]'
            if [ -e "$root/broken" ]; then
              echo '[INFO] COMPILATION ERROR : '
              echo '[ERROR] A.java:[3,1] this is wrong'
              exit 1
            fi
            mkdir -p "$root/cli/target/stage/lib"
            touch "$root/cli/target/stage/muster.jar"
            """;

    private static final String JAVA =
            """
            #!/bin/sh
            echo "java $* in $(pwd -P), MUSTER_JAVA_OPTS=${MUSTER_JAVA_OPTS-unset}"
            """;

    @TempDir private Path folder;

    private Path checkout;

    @BeforeEach
    void layOut() throws IOException {
        checkout = Files.createDirectory(folder.toRealPath().resolve("check out"));
        script("muster", Files.readString(Path.of("..", "muster")));
        script("build/launch", Files.readString(Path.of("..", "build", "launch")));
        script("build/mvn", MAVEN);
        script("jdk/bin/java", JAVA);
        script("build/find-jdk", "#!/bin/sh\necho '" + checkout.resolve("jdk") + "'\n");
        for (var room : List.of("queue", "cli", "examples")) {
            Cli.write(checkout, room + "/pom.xml", "");
            Cli.write(checkout, room + "/src/main/A.java", "");
        }
        Cli.write(checkout, "cli/picocli/pom.xml", "");
        Cli.write(checkout, "pom.xml", "");
    }

    private void script(String name, String text) {
        assertThat(Cli.write(checkout, name, text).toFile().setExecutable(true)).isTrue();
    }

    private record Outcome(int status, String out, String err) {}

    private static Process start(Path directory, String command, String... args)
            throws IOException {
        var words = new ArrayList<>(List.of(command));
        words.addAll(List.of(args));
        var builder = new ProcessBuilder(words).directory(directory.toFile());
        builder.environment().put("MUSTER_JAVA_OPTS", "-Xmx99m");
        return builder.start();
    }

    private Outcome muster(String... args) throws Exception {
        return outcome(start(checkout, "./muster", args));
    }

    private static Outcome outcome(Process process) throws Exception {
        var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), out, err);
    }

    private int builds() throws IOException {
        return Files.readAllLines(checkout.resolve("builds")).size();
    }

    /// Gives a file a time after the build, as an editor would.
    private void change(String file) throws IOException {
        Files.setLastModifiedTime(
                checkout.resolve(file), FileTime.from(Instant.now().plusSeconds(5)));
    }

    @Test
    void buildsAtTheFirstStartAndNotAtTheSecond() throws Exception {
        var first = muster("--version");
        var second = muster("--version");

        assertThat(first.err()).contains("building", "muster: [2/2] Muster command\n");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
        assertThat(second.out())
                .endsWith("cli.Main --version in %s, MUSTER_JAVA_OPTS=unset\n".formatted(checkout));
    }

    @Test
    void saysWhyItBuilds() throws Exception {
        var first = muster("--version");
        change("queue/src/main/A.java");
        var second = muster("--version");

        assertThat(first.err()).contains("for the first time").doesNotContain("newer");
        assertThat(second.err()).contains("newer than the last build");
    }

    @Test
    void leavesASignForTheTestsThatItHasCompiledWithoutTheirChecks() throws Exception {
        muster();

        assertThat(Files.readString(checkout.resolve("builds"))).contains("-P quick");
        assertThat(checkout.resolve("cli/target/unchecked")).exists();
    }

    @Test
    void buildsAgainWhenASourceChanged() throws Exception {
        muster();
        change("queue/src/main/A.java");
        muster();

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainWhenASourceWasDeleted() throws Exception {
        muster();
        Files.delete(checkout.resolve("queue/src/main/A.java"));
        change("queue/src/main");
        muster();

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void doesNotBuildForAnExample() throws Exception {
        muster();
        change("examples/src/main/A.java");
        muster();

        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void showsTheErrorsOfAFailedBuildAndTriesAgainNextTime() throws Exception {
        Files.createFile(checkout.resolve("broken"));
        var failed = muster();
        Files.delete(checkout.resolve("broken"));
        var mended = muster();

        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).contains("A.java:[3,1] this is wrong", "the build failed");
        assertThat(failed.out()).isEmpty();
        assertThat(mended.status()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void startsAtTheSameTimeBuildOnce() throws Exception {
        var processes = new ArrayList<Process>();
        for (var count = 0; count < 4; count++) {
            processes.add(start(checkout, "./muster", "report"));
        }

        for (var process : processes) {
            var outcome = outcome(process);
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("dev.muster.cli.Main report");
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void isFoundThroughLinksFromAnyDirectory() throws Exception {
        var elsewhere = Files.createDirectories(folder.toRealPath().resolve("elsewhere/bin"));
        Files.createSymbolicLink(elsewhere.resolve("first"), checkout.resolve("muster"));
        var second = Files.createSymbolicLink(elsewhere.resolve("second"), Path.of("first"));

        var outcome = outcome(start(elsewhere, second.toString(), "report", "a b"));

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("Main report a b in " + elsewhere);
    }

    @Test
    void aWorkerGetsTheOptimizingCompilerAndAShortVerbDoesNot() throws Exception {
        assertThat(muster("worker").out())
                .contains("-XX:+UseG1GC", "-Xmx99m")
                .doesNotContain("TieredStopAtLevel");
        assertThat(muster("call").out()).contains("-XX:TieredStopAtLevel=1", "-Xmx99m");
    }

    @Test
    void theUsersGarbageCollectorReplacesOurs() throws Exception {
        muster();
        var builder = new ProcessBuilder("./muster", "call").directory(checkout.toFile());
        builder.environment().put("MUSTER_JAVA_OPTS", "-XX:+UseParallelGC");

        assertThat(outcome(builder.start()).out())
                .contains("-XX:+UseParallelGC")
                .doesNotContain("UseSerialGC");
    }
}
