package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskRoutesTest {
    private static TaskRoutes routes(Map<String, ?> setting, Router... routers) {
        return new TaskRoutes(List.of(routers), Settings.DEFAULT.with("task_routes", setting));
    }

    private static String queueOf(TaskRoutes routes, String task) {
        return routes.apply(call(task)).option(Option.QUEUE).orElse("none");
    }

    @ParameterizedTest
    @CsvSource({
        "feed.import, named",
        "feed.other, feeds",
        "feed.other.deep, feeds",
        "feedother, none",
        "video.1, video",
        "video.12, none",
        "image.png, media",
        "my.image.png, none",
    })
    void aNameComesBeforeThePatternsAndTheseInTheirOrder(String task, String queue) {
        var setting = new LinkedHashMap<String, Object>();
        setting.put("feed.*", Map.of("queue", "feeds"));
        setting.put("^image\\.(png|jpeg)$", "media");
        setting.put("feed.import", "named");
        setting.put("video.?", Map.of("queue", "video"));
        setting.put("video.*x", "never");

        assertThat(queueOf(routes(setting), task)).isEqualTo(queue);
    }

    @Test
    void whatACallSaysItselfCounts() {
        var routes = routes(Map.of("*", Map.of("queue", "all", "priority", 3)));

        assertThat(routes.apply(call("t").queue("mine")).option(Option.QUEUE)).hasValue("mine");
        assertThat(routes.apply(call("t").routingKey("a.b")).option(Option.QUEUE)).isEmpty();
        var routed = routes.apply(call("t").priority(9));
        assertThat(routed.option(Option.QUEUE)).hasValue("all");
        assertThat(routed.option(Option.PRIORITY)).hasValue(9);
        assertThat(routes.apply(call("t")).option(Option.PRIORITY)).hasValue(3);
    }

    @Test
    void theFirstRouterThatDecidesComesBeforeTheSetting() {
        var routes =
                routes(
                        Map.of("*", "all"),
                        call -> call,
                        call -> call.args().contains("big") ? call.queue("big") : call,
                        call -> call.args().isEmpty() ? call : call.queue("rest"));

        assertThat(routes.apply(call("t", "big")).option(Option.QUEUE)).hasValue("big");
        assertThat(routes.apply(call("t", "small")).option(Option.QUEUE)).hasValue("rest");
        assertThat(routes.apply(call("t")).option(Option.QUEUE)).hasValue("all");
    }

    @Test
    void aMistakeInTheSettingIsFoundAtTheStart() {
        assertThatThrownBy(() -> routes(Map.of("a", Map.of("qeue", "x"))))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("'qeue' of 'a'")
                .hasMessageContaining("did you mean 'queue'");
        assertThatThrownBy(() -> routes(Map.of("^(", "x")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("task_routes");
    }
}
