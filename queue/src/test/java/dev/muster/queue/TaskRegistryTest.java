package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TaskRegistryTest {
    static class Shop {
        @Task(aliases = "old.price")
        static int price() {
            return 1;
        }

        static class Till {
            @Task
            static void close() {}
        }
    }

    static class Mailer {
        private final String server;

        Mailer(String server) {
            this.server = server;
        }

        @Task
        String send(String to) {
            return server + to;
        }
    }

    static class SecondShop {
        @Task(name = "TaskRegistryTest.Shop.price")
        static int price() {
            return 2;
        }
    }

    @Test
    void findsTasksByNameByAliasAndWithTheirPackage() {
        var registry = TaskRegistry.of(List.of(Shop.class), List.of());

        assertThat(registry.find("TaskRegistryTest.Shop.price")).isPresent();
        assertThat(registry.find("old.price")).isPresent();
        assertThat(registry.find("dev.muster.queue.TaskRegistryTest.Shop.price")).isPresent();
        assertThat(registry.find("TaskRegistryTest.Shop.Till.close")).isPresent();
        assertThat(registry.find("Shop.nothing")).isEmpty();
        assertThat(registry.find(null)).isEmpty();
    }

    @Test
    void theTasksOfAnObjectRunOnThatObject() {
        var registry =
                TaskRegistry.of(List.of(Mailer.class), List.of(TaskObject.of(new Mailer("smtp:"))));

        assertThat(registry.all()).hasSize(1);
        assertThat(registry.find("TaskRegistryTest.Mailer.send").orElseThrow().needsTarget())
                .isFalse();
    }

    @Test
    void anInstanceMethodWithoutObjectIsRefused() {
        assertThatThrownBy(() -> TaskRegistry.of(List.of(Mailer.class), List.of()))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("Mailer.send")
                .hasMessageContaining("register");
    }

    @Test
    void twoTasksOfOneNameAreRefusedWithBothPlaces() {
        assertThatThrownBy(() -> TaskRegistry.of(List.of(Shop.class, SecondShop.class), List.of()))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("TaskRegistryTest$Shop.price")
                .hasMessageContaining("TaskRegistryTest$SecondShop.price")
                .hasMessageContaining("@Task(name");
    }

    static class Overloaded {
        @Task
        static int size(int number) {
            return number;
        }

        @Task
        static int size(String text) {
            return text.length();
        }
    }

    @Test
    void twoMethodsOfOneNameAreTwoTasksOfOneName() {
        assertThatThrownBy(() -> TaskRegistry.of(List.of(Overloaded.class), List.of()))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("Overloaded.size(int)")
                .hasMessageContaining("Overloaded.size(String)");
    }

    @Test
    void oneClassGivenTwiceIsNoConflict() {
        assertThat(TaskRegistry.of(List.of(Shop.class, Shop.class), List.of()).all()).hasSize(2);
    }

    @Test
    void listsTasksWithTheirParameters() {
        var registry = TaskRegistry.of(List.of(TaskParametersTest.Tasks.class), List.of());

        assertThat(registry.all().stream().map(TaskDefinition::toString))
                .contains(
                        "TaskParametersTest.Tasks.resize(String url, int width=800, Optional<Format> format, String label)",
                        "TaskParametersTest.Tasks.many(String first, int... rest)");
    }
}
