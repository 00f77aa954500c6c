package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real `build/dist` in a checkout where what `./muster` builds, and the JDK, are stand-ins;
/// and the files in `deploy/` that use its distribution.
class DistributionTest {
    private static final Path ROOT = Path.of("..");

    private static final String MUSTER =
            """
            #!/bin/sh
            root=$(cd "$(dirname "$0")" && pwd -P)
            mkdir -p "$root/cli/target/muster/lib"
            touch "$root/cli/target/muster/muster.jar" "$root/cli/target/muster/lib/a.jar"
            echo "muster 1.2.3"
            """;

    private static final String JAVA =
            """
            #!/bin/sh
            echo "java $*"
            """;

    @TempDir private Path folder;

    private Path place;

    @BeforeEach
    void makeAndMoveIt() throws Exception {
        var checkout = Files.createDirectory(folder.toRealPath().resolve("check out"));
        script(checkout, "muster", MUSTER);
        for (var file : List.of("build/dist", "build/launch", "build/find-jdk", "LICENSE")) {
            copy(file, checkout);
        }
        copyAll("cli/src/dist", checkout);
        copyAll("deploy", checkout);
        run(checkout, "build/dist");
        place = Files.createDirectory(folder.toRealPath().resolve("some where"));
        run(
                place,
                "tar",
                "-xzf",
                checkout.resolve("cli/target/dist/muster-1.2.3.tar.gz").toString());
        run(folder, "rm", "-r", checkout.toString());
        script(folder, "jdk/bin/java", JAVA);
        script(folder, "jdk/bin/javac", "#!/bin/sh\n");
        script(folder, "jdk/bin/jar", "#!/bin/sh\nmkdir -p \"$3\"\n");
        Cli.write(folder, "jdk/release", "JAVA_VERSION=\"25.0.3\"\n");
    }

    private static void script(Path folder, String name, String text) {
        assertThat(Cli.write(folder, name, text).toFile().setExecutable(true)).isTrue();
    }

    private static void copy(String file, Path to) throws IOException {
        var target = to.resolve(file);
        Files.createDirectories(target.resolveSibling("."));
        Files.copy(ROOT.resolve(file), target);
        if (Files.isExecutable(ROOT.resolve(file))) {
            assertThat(target.toFile().setExecutable(true)).isTrue();
        }
    }

    private static void copyAll(String under, Path to) throws IOException {
        for (var file : files(ROOT.resolve(under))) {
            copy(ROOT.relativize(file).toString(), to);
        }
    }

    private static List<Path> files(Path under) throws IOException {
        try (var all = Files.walk(under)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private String run(Path where, String... command) throws Exception {
        var builder = new ProcessBuilder(command).directory(where.toFile());
        builder.redirectErrorStream(true).redirectInput(new File("/dev/null"));
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    @Test
    void itRunsFromWhereverItLiesAndByALink() throws Exception {
        var home = place.resolve("muster");
        var link = Files.createSymbolicLink(folder.resolve("link"), home.resolve("bin/muster"));

        assertThat(run(folder, link.toString(), "worker", "-A", "a b.jar"))
                .startsWith("java ")
                .endsWith(
                        "-cp %s dev.muster.cli.Main worker -A a b.jar\n"
                                .formatted(home.resolve("muster.jar")));
        assertThat(home.resolve("lib/a.jar")).exists();
        assertThat(home.resolve("deploy/supervisord.conf")).exists();
        assertThat(home.resolve("LICENSE")).exists();
    }

    @ParameterizedTest
    @CsvSource({
        "worker, G1, long",
        "call, Serial, short",
        "--version, Serial, version",
        "-V, Serial, version",
    })
    void eachKindOfCommandHasItsCollectorAndItsCache(String verb, String collector, String cache)
            throws Exception {
        var home = place.resolve("muster");

        assertThat(run(folder, home.resolve("bin/muster").toString(), verb))
                .contains(
                        "-XX:+Use%sGC".formatted(collector),
                        "-XX:AOTCache=%s.aot".formatted(home.resolve(cache)));
    }

    @Test
    void itIsPreparedForFastStartsWithTheJdkThatItFound() throws Exception {
        var before = files(place);
        run(place, place.resolve("muster/libexec/prepare").toString());
        var jdk = place.resolve("muster/jdk");

        assertThat(jdk).hasContent(folder.resolve("jdk").toString());
        assertThat(files(place)) // the stand-in has made no cache
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(before.stream(), Stream.of(jdk)).toList());

        Cli.write(folder, "other/release", "JAVA_VERSION=\"25.0.3\"\n");
        script(folder, "other/bin/java", "#!/bin/sh\necho other \"$@\"\n");
        script(folder, "other/bin/javac", "#!/bin/sh\n");
        Files.writeString(jdk, folder.resolve("other") + "\n");
        assertThat(run(folder, place.resolve("muster/bin/muster").toString(), "list"))
                .startsWith("other ");
        Files.writeString(jdk, folder.resolve("none") + "\n");
        assertThat(run(folder, place.resolve("muster/bin/muster").toString(), "list"))
                .startsWith("java ");
    }

    /// What each file starts, by its words behind `/opt/muster/bin/muster`.
    private static List<List<String>> commands() throws IOException {
        var units = List.of("systemd/muster-worker.service", "systemd/muster-beat.service");
        var lines =
                Stream.concat(units.stream(), Stream.of("supervisord.conf"))
                        .flatMap(name -> lines("deploy/" + name))
                        .filter(line ->
                                line.matches("(ExecStart|command)=/opt/muster/bin/muster .*"))
                        .map(line -> line.replaceFirst(".*?/opt/muster/bin/muster ", ""));
        var compose =
                lines("deploy/docker/compose.yaml")
                        .filter(line -> line.matches(" +command: (worker|beat) .*"))
                        .map(line -> line.replaceFirst(" +command: ", ""));
        return Stream.concat(lines, compose).map(line -> List.of(line.split(" "))).toList();
    }

    private static Stream<String> lines(String file) {
        try {
            return Files.readAllLines(ROOT.resolve(file)).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theFilesOfSystemdSupervisordAndDockerGiveOptionsThatThereAre() throws IOException {
        assertThat(commands()).hasSize(6);
        for (var command : commands()) {
            var words =
                    Stream.concat(
                                    command.stream()
                                            .filter(word -> !word.startsWith("$"))
                                            .map(word -> word.equals("-A") ? "--app=a.jar" : word),
                                    Stream.of("--log-keep", "0"))
                            .filter(word -> !word.contains("/"))
                            .toArray(String[]::new);

            // All that is wrong with it is what was added.
            assertThat(Cli.run(words).err()).contains("--log-keep is a number of days");
        }
    }

    @Test
    void theImageHasWhatItsStepsName() throws IOException {
        var copied = lines("deploy/docker/Dockerfile").filter(line -> line.startsWith("COPY"));
        assertThat(copied)
                .containsExactly(
                        "COPY . /src", "COPY --from=build /src/cli/target/dist/muster /opt/muster");
        assertThat(lines("deploy/docker/Dockerfile"))
                .contains(
                        "RUN /src/build/dist",
                        "RUN /opt/muster/libexec/prepare",
                        "ENTRYPOINT [\"/opt/muster/bin/muster\"]");
        for (var program : List.of("bin/muster", "libexec/prepare", "libexec/find-jdk")) {
            assertThat(place.resolve("muster").resolve(program)).isExecutable();
        }
        assertThat(ROOT.resolve("examples/Echo.java")).exists();
    }
}
