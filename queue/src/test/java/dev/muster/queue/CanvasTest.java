package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Signature.Option;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CanvasTest {
    @Task(name = "images.resize", queue = "cpu", priority = 3, expires = "5m", routingKey = "img")
    static String resize(TaskContext context, String url, int width) {
        return url + width;
    }

    @Task
    static void mail(String address) {}

    @Task
    static List<Integer> sort(List<Integer> numbers) {
        return numbers;
    }

    static int noTask(int number) {
        return number;
    }

    @Task
    int instance(String text) {
        return text.length();
    }

    @Test
    void aReferenceGivesNameArgumentsAndTheOptionsOfTheAnnotation() {
        Signature<String> signature = call(CanvasTest::resize, "http://x", 800);

        assertThat(signature.task()).isEqualTo("images.resize");
        assertThat(signature.args()).containsExactly("http://x", 800);
        assertThat(signature.option(Option.QUEUE)).contains("cpu");
        assertThat(signature.option(Option.ROUTING_KEY)).contains("img");
        assertThat(signature.option(Option.PRIORITY)).contains(3);
        assertThat(signature.option(Option.EXPIRES).orElseThrow().instant(Instant.EPOCH))
                .isEqualTo(Instant.EPOCH.plus(Duration.ofMinutes(5)));
    }

    @Test
    void theDefaultNameIsClassAndMethod() {
        assertThat(call(CanvasTest::mail, "a@b").task()).isEqualTo("CanvasTest.mail");
        assertThat(call(Nested.Deep::run).task()).isEqualTo("CanvasTest.Nested.Deep.run");
    }

    @Test
    void aReferenceToAMethodOfAnObjectNamesItsTask() {
        Signature<Integer> signature = call(new CanvasTest()::instance, "x");

        assertThat(signature.task()).isEqualTo("CanvasTest.instance");
        assertThat(signature.args()).containsExactly("x");
    }

    @Test
    void theMembersOfASkewedGroupStartOneAfterTheOther() {
        var mails =
                group(
                        call(CanvasTest::mail, "a"),
                        call(CanvasTest::mail, "b"),
                        call(CanvasTest::mail, "c"));

        assertThat(mails.skew(Duration.ofSeconds(2)).members())
                .map(member ->
                        ((Signature<?>) member)
                                .option(Option.ETA)
                                .orElseThrow()
                                .instant(Instant.EPOCH))
                .containsExactly(
                        Instant.EPOCH, Instant.EPOCH.plusSeconds(2), Instant.EPOCH.plusSeconds(4));
    }

    @Test
    void whatIsNoTaskIsRefusedWithTheWayOut() {
        assertThatThrownBy(() -> call(CanvasTest::noTask, 1))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("CanvasTest.noTask")
                .hasMessageContaining("@Task");
        assertThatThrownBy(() -> call((Integer number) -> number + 1, 1))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("lambda")
                .hasMessageContaining("method reference");
    }

    @Test
    void aTaskByNameTakesAnyArgumentsAndSaysWhatItReturns() {
        Signature<Integer> signature =
                call("tasks.add", 2, null).kwarg("z", 4).returning(Integer.class);

        assertThat(signature.args()).containsExactly(2, null);
        assertThat(signature.kwargs()).isEqualTo(Map.of("z", 4));
        assertThat(signature.resultType()).isEqualTo(Integer.class);
    }

    @Test
    void changingASignatureLeavesTheOriginalAlone() {
        var original = call(CanvasTest::sort, List.of(1));

        var changed = original.queue("other").priority(9).kwarg("x", 1).args(List.of(2));

        assertThat(original.option(Option.QUEUE)).isEmpty();
        assertThat(original.kwargs()).isEmpty();
        assertThat(original.args()).hasSize(1);
        assertThat(changed.option(Option.QUEUE)).contains("other");
        assertThat(changed.args()).containsExactly(List.of(1), 2);
    }

    @Test
    void aPriorityOutOfRangeIsRefused() {
        assertThatThrownBy(() -> call(CanvasTest::mail, "x").priority(256))
                .hasMessageContaining("256");
    }

    static class Nested {
        static class Deep {
            @Task
            static void run() {}
        }
    }
}
