package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.parallel.shared.ManagerException;
import dev.muster.parallel.shared.ManagerLostException;
import dev.muster.parallel.shared.SharedClient;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.SharedKey;
import dev.muster.parallel.wire.TlsContexts;
import dev.muster.parallel.wire.TypeFilter;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ManagerTest {
    private static final Pattern ADDRESS = Pattern.compile("listening at (\\S+)");

    @TempDir private Path folder;

    record Order(String item) implements Serializable {}

    private MusterProcess start(String... options) {
        var words = new String[options.length + 3];
        words[0] = "manager";
        words[1] = "--listen";
        words[2] = "127.0.0.1:0";
        System.arraycopy(options, 0, words, 3, options.length);
        return MusterProcess.start(folder, words);
    }

    private static String address(MusterProcess manager) {
        manager.awaitOutput("listening at ");
        var found = ADDRESS.matcher(manager.output());
        assertThat(found.find()).as(manager.output()).isTrue();
        return found.group(1);
    }

    private Path secret(String name, String content) throws IOException {
        var file = Files.writeString(folder.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void holdsValuesOfClassesThatItDoesNotKnowAndStopsOnCtrlC() throws Exception {
        try (var manager = start();
                var client = SharedClient.connect(address(manager))) {
            var queue = client.queue("orders", Order.class);
            queue.put(new Order("tea"));
            assertThat(queue.take()).isEqualTo(new Order("tea"));
            Callable<Order> take = queue::take;
            var waiting = new FutureTask<>(take);
            Thread.startVirtualThread(waiting);

            manager.signal("INT");

            assertThat(manager.awaitExit()).isZero();
            assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ManagerLostException.class);
        }
    }

    @Test
    void takesClientsWithItsKeyOnly() throws Exception {
        var file = secret("muster.key", "correct horse battery\n");
        try (var manager = start("--key-file", file.toString())) {
            var address = address(manager);

            try (var client = SharedClient.connect(address, SharedKey.read(file))) {
                assertThat(client.counter("counter").increment()).isEqualTo(1);
            }
            assertThatThrownBy(() -> SharedClient.connect(address))
                    .isInstanceOf(ManagerException.class)
                    .hasMessageContaining("the key is not that of " + address);
            manager.awaitOutput("it has another key");
        }
    }

    @Test
    void servesOverTls() throws Exception {
        var store = folder.resolve("muster.p12");
        var keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=manager",
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                "secret",
                                "-keystore",
                                store.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(keytool.waitFor()).isZero();
        var password = secret("password", "secret\n");
        try (var manager =
                start(
                        "--keystore",
                        store.toString(),
                        "--keystore-password-file",
                        password.toString())) {
            var tls = LinkOptions.DEFAULT.withTls(TlsContexts.read(store, "secret".toCharArray()));

            try (var client = SharedClient.connect(address(manager), tls, TypeFilter.DATA)) {
                assertThat(client.counter("counter").increment()).isEqualTo(1);
            }
        }
    }

    @Test
    void aKeyFileThatOthersCanReadIsRefused() throws Exception {
        var file = secret("muster.key", "correct horse battery\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        var outcome = Cli.run("manager", "--listen", "127.0.0.1:0", "--key-file", file.toString());

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("open to other users", "chmod 600");
    }

    @Test
    void anAddressThatIsTakenIsAFailure() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var outcome = Cli.run("manager", "--listen", "127.0.0.1:" + other.getLocalPort());

            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err()).startsWith("muster: cannot listen at 127.0.0.1:");
        }
    }
}
