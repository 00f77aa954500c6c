package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Managers.PATIENCE;
import static dev.muster.parallel.shared.Managers.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.TypeFilter;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SharedObjectTest {
    private final SharedManager manager = Managers.listen();
    private final SharedClient client = Managers.connect(manager);
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    record Part(String name, int size) implements Serializable {}

    record Secret(int number) implements Serializable {}

    static final class ShopException extends Exception {
        final Part part;

        ShopException(Part part) {
            super("no more of " + part.name());
            this.part = part;
        }
    }

    /// Not serializable, and so told by another exception.
    static final class BrokenException extends RuntimeException {
        final transient Object context = new Object();
        private final Object part = new Object();

        BrokenException() {
            super("broken");
        }

        Object part() {
            return part;
        }
    }

    interface Base {
        default String greet(String name) {
            return "hello " + name;
        }
    }

    interface Shop extends Base {
        int add(int a, long b, List<String> c);

        void nothing();

        Part find(String name);

        Object anything();

        int order(Part part) throws ShopException;

        void fail(String how) throws IOException;

        String hang() throws InterruptedException;

        boolean isVirtual();
    }

    interface Other {}

    private final class LocalShop implements Shop {
        @Override
        public int add(int a, long b, List<String> c) {
            return a + (int) b + c.size();
        }

        @Override
        public void nothing() {}

        @Override
        public Part find(String name) {
            return new Part(name, 3);
        }

        @Override
        public Object anything() {
            return new Secret(1);
        }

        @Override
        public int order(Part part) throws ShopException {
            throw new ShopException(part);
        }

        @Override
        public void fail(String how) throws IOException {
            switch (how) {
                case "checked" -> throw new IOException("disk");
                case "unchecked" -> throw new IllegalStateException("state");
                case "error" -> throw new StackOverflowError("deep");
                default -> throw new BrokenException();
            }
        }

        @Override
        public String hang() throws InterruptedException {
            hanging.countDown();
            try {
                new CountDownLatch(1).await();
                return "";
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        }

        @Override
        public boolean isVirtual() {
            return Thread.currentThread().isVirtual();
        }
    }

    @BeforeEach
    void register() {
        manager.register("shop", Shop.class, new LocalShop());
    }

    @AfterEach
    void close() {
        client.close();
        manager.close();
    }

    @Test
    void methodsRunAtTheManagerAndReturnHere() {
        var shop = client.object("shop", Shop.class);
        shop.nothing();

        assertThat(shop.add(1, 2L, List.of("a", "b"))).isEqualTo(5);
        assertThat(shop.find("tea")).isEqualTo(new Part("tea", 3));
        assertThat(shop.greet("you")).isEqualTo("hello you");
        assertThat(shop.isVirtual()).as("a method may compute for long").isFalse();
        assertThat(shop)
                .hasToString("shared object 'shop' at " + manager.address())
                .isEqualTo(shop)
                .isNotEqualTo(client.object("shop", Shop.class))
                .isNotEqualTo("shop")
                .hasSameHashCodeAs(shop);
    }

    @Test
    void whatAMethodThrowsIsThrownHere() {
        var shop = client.object("shop", Shop.class);

        assertThatThrownBy(() -> shop.fail("checked"))
                .isInstanceOf(IOException.class)
                .hasMessage("disk")
                .satisfies(thrown ->
                        assertThat(thrown.getStackTrace()[0].getClassName())
                                .isEqualTo(LocalShop.class.getName()));
        assertThatThrownBy(() -> shop.fail("unchecked"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("state");
        assertThatThrownBy(() -> shop.fail("error")).isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> shop.fail("otherwise"))
                .isInstanceOfSatisfying(
                        SharedObjectException.class,
                        thrown -> {
                            assertThat(thrown).hasMessageContainingAll("shop.fail threw", "broken");
                            assertThat(thrown.remoteStackTrace())
                                    .contains(BrokenException.class.getName(), "LocalShop.fail");
                        });
        shop.nothing();
    }

    @Test
    void argumentsAreDataOfTheJdkUnlessTheRegistrationAllowsMore() {
        var filter = new TypeFilter(List.of(Part.class.getName()));
        manager.register("open shop", Shop.class, new LocalShop(), filter);

        assertThatThrownBy(() -> client.object("shop", Shop.class).order(new Part("tea", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("the arguments of order", Part.class.getName());
        assertThatThrownBy(() -> client.object("open shop", Shop.class).order(new Part("tea", 1)))
                .isInstanceOfSatisfying(
                        ShopException.class,
                        thrown -> assertThat(thrown.part).isEqualTo(new Part("tea", 1)));
    }

    @Test
    void resultsAreOfTheDeclaredClassesUnlessTheClientAllowsMore() {
        var filter = new TypeFilter(List.of(Secret.class.getName()));

        assertThatThrownBy(() -> client.object("shop", Shop.class).anything())
                .isInstanceOf(SharedObjectException.class)
                .hasMessageContainingAll("the result of shop.anything", Secret.class.getName());
        try (var trusting = SharedClient.connect(manager.address(), Managers.OPTIONS, filter)) {
            assertThat(trusting.object("shop", Shop.class).anything()).isEqualTo(new Secret(1));
        }
    }

    @Test
    void onlyMethodsOfTheInterfaceCanBeCalled() {
        assertThatThrownBy(() -> call("toString()"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("no method toString()", "find(java.lang.String)");
        assertThatThrownBy(() -> client.object("shop", Other.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(Shop.class.getName(), Other.class.getName());
        assertThatThrownBy(() -> client.object("no shop", Shop.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no object 'no shop' is registered here");
        assertThatThrownBy(() -> client.delete("shop"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> manager.register("shop", Other.class, new Other() {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'shop' is an object here already");
        assertThatThrownBy(() -> manager.register("text", String.class, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.String is none");
    }

    /// As a client of somebody else's making would do it.
    private void call(String signature) throws Exception {
        var address = Addresses.parse(manager.address());
        var link = Link.connect(address, SharedManager.PROTOCOL, Managers.OPTIONS);
        try (var connection = new Connection(link)) {
            var opened =
                    connection.call(
                            Verb.OPEN,
                            0,
                            arguments -> {
                                Frames.writeOneOf(arguments, Kind.OBJECT);
                                arguments.writeInt(0);
                                Frames.writeText(arguments, "shop");
                                Frames.writeText(arguments, Shop.class.getName());
                            });
            connection.call(
                    Verb.CALL,
                    opened.readInt(),
                    arguments -> {
                        Frames.writeText(arguments, signature);
                        Frames.writeBytes(arguments, new byte[0]);
                    });
        }
    }

    @Test
    void anInterruptHereInterruptsTheMethodThere() throws Exception {
        var shop = client.object("shop", Shop.class);
        var calling = start(shop::hang);
        hanging.await();

        calling.thread().interrupt();

        assertThat(calling.failure()).isInstanceOf(InterruptedException.class);
        interrupted.await();
    }

    @Test
    void aCallThatTakesTooLongIsInterruptedThere() throws Exception {
        var shop = client.object("shop", Shop.class, Duration.ofMillis(50));

        assertThatThrownBy(shop::hang)
                .isInstanceOf(SharedObjectException.class)
                .hasMessageContaining("shop.hang has not ended after 50 ms");

        interrupted.await();
        assertThat(client.object("shop", Shop.class, PATIENCE).find("tea").name()).isEqualTo("tea");
    }

    @Test
    void aClientThatIsGoneInterruptsItsCalls() throws Exception {
        var leaving = Managers.connect(manager);
        var calling = start(leaving.object("shop", Shop.class)::hang);
        hanging.await();

        leaving.close();

        assertThat(calling.failure()).isInstanceOf(ManagerLostException.class);
        interrupted.await();
    }
}
