package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WrongUseTest {
    @TempDir private Path folder;

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("workr -A x", "there is no verb 'workr'"),
                Arguments.of("workr", "Did you mean: muster worker"),
                Arguments.of("call x --countdwn 3", "Did you mean: --countdown?"),
                Arguments.of("call x --countdown 1 --eta 2030-01-01T00:00:00Z", "one of them"),
                Arguments.of("call x -b memory: --countdown soon", "--countdown: expected seconds"),
                Arguments.of("call x -b memory: --eta tomorrow", "--eta: expected an instant"),
                Arguments.of("call x -b memory: --eta 2030-01-01T00:00:00", "+01:00"),
                Arguments.of("call x -b memory: --expires 5T", "--expires: expected an instant"),
                Arguments.of("call x -b memory: --priority 256", "256"),
                Arguments.of("call x -b memory: --set imports=x", "-A names"),
                Arguments.of("worker", "-A APP"),
                Arguments.of("worker -A", "Missing required parameter for option '--app'"),
                Arguments.of("worker -A x.java -P gevent", "expected one of"),
                Arguments.of("worker -A no.such.Type", "there is no class no.such.Type"),
                Arguments.of("worker -A no-such.jar", "there is no file no-such.jar"),
                Arguments.of("worker -A NoSuch.java", "there is no file NoSuch.java"),
                Arguments.of("call", "Missing required parameter: 'NAME'"),
                Arguments.of("call x -b memory: --args {}", "--args takes a JSON list"),
                Arguments.of("call x -b memory: --args [1", "--args is not JSON"),
                Arguments.of("call x -b memory: --kwargs []", "--kwargs takes a JSON object"),
                Arguments.of("call x 1 -b memory: --args []", "not both"),
                Arguments.of("call x --set broker_ulr=y", "did you mean 'broker_url'?"),
                Arguments.of("call x --set broker_ulr", "Value for option '--set' (NAME=VALUE)"),
                Arguments.of("call x -b typo://h", "unknown URL scheme 'typo'"),
                Arguments.of("call x -b reids://h", "did you mean 'redis'?"),
                Arguments.of(
                        "call x -b h:6379/1", "begins with its scheme, as in redis://h:6379/1"),
                Arguments.of("result x --timeout=-1", "--timeout is a number of seconds from 0"),
                Arguments.of("graph", "say which workflow"),
                Arguments.of("graph no-such.json", "there is no file no-such.json"),
                Arguments.of("graph -A NoSuch.java total", "there is no file NoSuch.java"),
                Arguments.of("graph -A no.such.Type total", "there is no class no.such.Type"),
                Arguments.of("graph -A no-such.jar total", "there is no file no-such.jar"),
                Arguments.of("graph --result x -A Shop.java total", "give it alone"),
                Arguments.of("graph x.json --json --format svg", "not both"),
                Arguments.of("graph x.json --format png", "expected one of"),
                Arguments.of("list jobs", "expected one of tasks, queues but was 'jobs'"),
                Arguments.of("schedule add x y", "muster: Missing required argument"),
                Arguments.of("manager", "Missing required option: '--listen=HOST:PORT'"),
                Arguments.of("manager --listen 7000", "an address is HOST:PORT"),
                Arguments.of("manager --listen 0.0.0.0:0", "without a key"),
                Arguments.of("manager --listen [::]:0", "without a key"),
                Arguments.of("manager --listen 127.0.0.1:0 --key-file no-such.key", "no file"),
                Arguments.of("manager --listen 127.0.0.1:0 --keystore a.p12", "belong together"),
                Arguments.of("pool", "muster pool serve"),
                Arguments.of("pool serv", "serve"),
                Arguments.of("pool serve --listen 7474", "an address is HOST:PORT"),
                Arguments.of("pool serve --listen 0.0.0.0:0", "give a key"),
                Arguments.of("pool serve --slots 0", "--slots"),
                Arguments.of("pool serve --frame-limit 0", "--frame-limit"),
                Arguments.of("pool serve --key-file no-such.key", "no file no-such.key"),
                Arguments.of("pool find --broadcast 192.0.2.255", "give a key"),
                Arguments.of("pool find --broadcast nowhere", "--broadcast"),
                Arguments.of("pool find --wait=-1", "--wait"),
                Arguments.of("run", "Missing required parameter: 'FILE.java'"),
                Arguments.of("run NoSuch.java", "there is no file NoSuch.java"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsToldWithAWayOutAndNoStackTrace(String words, String message) {
        var outcome = Cli.run(words.split(" ", -1));

        assertThat(outcome.status()).as(outcome.err()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("muster: ").contains(message).doesNotContain("\tat ");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void runFindsAMistakeInTheSettingsBeforeTheProgramStarts() {
        var file = Cli.write(folder, "Hello.java", "void main() { IO.println(\"hello\"); }");

        var outcome = Cli.run("run", "--set", "broker_ulr=memory:", file.toString());

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("did you mean 'broker_url'?");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void onlyWhatLooksLikeAVerbIsTakenForOne() {
        assertThat(Cli.run("frob").err())
                .isEqualToNormalizingNewlines(
                        "muster: there is no verb 'frob'\nTry: muster --help\n");
    }

    @Test
    void debugShowsWhereAnErrorArose() {
        assertThat(Cli.run("call", "x", "-b", "nonsense", "-l", "debug").err())
                .contains("\tat dev.muster.");
    }

    @Test
    void aFailureIsExitStatus1() {
        var outcome = Cli.run("result", "none", "-b", "sqlite:" + folder.resolve("queue.db"));

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines(
                        "muster: task none has no result yet, its state is PENDING; wait for it"
                                + " with --timeout SECONDS");
    }

    @Test
    void aMissingResultIsWaitedForNoLongerThanAsked() {
        var broker = "sqlite:" + folder.resolve("queue.db");

        var outcome = Cli.run("result", "none", "--timeout", "0.1", "-b", broker);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("no result of task none after 100 ms");
    }
}
