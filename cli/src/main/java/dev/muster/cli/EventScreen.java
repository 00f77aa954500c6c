package dev.muster.cli;

import dev.muster.queue.events.ClusterState;
import dev.muster.queue.events.TaskView;
import dev.muster.queue.events.WorkerView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/// The screen of `muster events`: what it shows, and what its keys do. It knows no terminal; lines
/// come out, keys go in. Of one thread.
final class EventScreen {
    private static final int MARGIN = 4;
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final int LONGEST_INPUT = 200;

    private static final String TASK_KEYS =
            "q quit  ? help  j/k move  i info  t traceback  r result  c revoke  l rate limit  / filter  o order  w workers";
    private static final String WORKER_KEYS =
            "q quit  ? help  j/k move  i info  a active  v reserved  s stats  w tasks";
    private static final String TEXT_KEYS = "q quit  esc back  j/k scroll";
    private static final String HELP =
            """
            j, k, arrows, page up and down, home, end   move
            w       between tasks and workers
            esc     back
            ctrl-l  draw the screen again
            q       quit

            Tasks
            i, enter   all that is known of it
            t       its traceback
            r       its result, or its exception
            c       revoke it
            l       another rate limit for all tasks of this name
            /       only those whose name, state, worker or uuid has this text
            o       order by time, name, state, worker, runtime
            e       tell all workers to send events about tasks

            Workers
            i, enter   all that is known of it
            a, v    the tasks that run, and that wait, in it
            s       its statistics
            """;

    private static final Map<String, AttributedStyle> COLOURS =
            Map.of(
                    "SUCCESS", AttributedStyle.DEFAULT.foreground(AttributedStyle.GREEN),
                    "FAILURE", AttributedStyle.DEFAULT.foreground(AttributedStyle.RED),
                    "RETRY", AttributedStyle.DEFAULT.foreground(AttributedStyle.RED),
                    "REVOKED", AttributedStyle.DEFAULT.foreground(AttributedStyle.MAGENTA),
                    "STARTED", AttributedStyle.DEFAULT.foreground(AttributedStyle.YELLOW));

    private final ClusterState state;
    private final String source;
    private final Remote remote;
    private final EventColumns<TaskView> taskColumns;
    private final EventColumns<WorkerView> workerColumns = EventColumns.ofWorkers();
    private final Listing<TaskView> tasks = new Listing<>(TaskView::id);
    private final Listing<WorkerView> workers = new Listing<>(WorkerView::name);
    private boolean showsWorkers;
    private @Nullable Text text;
    private @Nullable Prompt prompt;
    private String filter = "";
    private Order order = Order.TIME;
    private String notice = "";
    private boolean done;
    private final List<Sample> samples = new ArrayList<>();

    /// How many rows there were when it was last drawn, for moving by pages.
    private int page = 1;

    /// What is asked of workers. The answer comes later, as a text.
    @FunctionalInterface
    interface Remote {
        /// @param node empty for all workers
        void ask(String title, String method, Map<String, ?> arguments, Optional<String> node);
    }

    /// A page of text.
    ///
    /// @param content by the width of the screen; it may change
    private record Text(String title, IntFunction<List<String>> content, int top) {
        Text scrolled(int by) {
            return new Text(title, content, Math.max(0, top + by));
        }
    }

    /// A question at the foot of the screen.
    ///
    /// @param typed so far; null when one key answers it
    private record Prompt(String label, @Nullable String typed, Consumer<String> action) {}

    private record Sample(Instant time, long events) {}

    private enum Order {
        TIME,
        NAME,
        STATE,
        WORKER,
        RUNTIME;

        /// Of tasks that come in the order of time.
        Comparator<TaskView> comparator() {
            return switch (this) {
                case TIME -> Comparator.comparingInt(_ -> 0);
                case NAME -> Comparator.comparing(task -> task.name().orElse(""));
                case STATE -> Comparator.comparing(TaskView::state);
                case WORKER -> Comparator.comparing(task -> task.worker().orElse(""));
                case RUNTIME ->
                        Comparator.comparing(
                                task -> task.runtime().orElse(Duration.ZERO),
                                Comparator.reverseOrder());
            };
        }

        Order next() {
            return switch (this) {
                case TIME -> NAME;
                case NAME -> STATE;
                case STATE -> WORKER;
                case WORKER -> RUNTIME;
                case RUNTIME -> TIME;
            };
        }
    }

    /// A list of which one item is selected, and stays so while the list changes.
    private static final class Listing<T> {
        private final Function<T, String> id;
        private List<T> items = List.of();
        private @Nullable String selected;
        private int position;
        private int top;

        Listing(Function<T, String> id) {
            this.id = id;
        }

        void show(List<T> now) {
            items = now;
            for (var index = 0; selected != null && index < items.size(); index++) {
                if (id.apply(items.get(index)).equals(selected)) {
                    position = index;
                    return;
                }
            }
            // Nothing was selected, or it is gone.
            position = Math.clamp(position, 0, Math.max(0, items.size() - 1));
            selected = selected == null || items.isEmpty() ? null : id.apply(items.get(position));
        }

        void move(long by) {
            if (!items.isEmpty()) {
                position = Math.clamp(position + by, 0, items.size() - 1);
                selected = id.apply(items.get(position));
            }
        }

        Optional<T> selection() {
            return items.isEmpty() ? Optional.empty() : Optional.of(items.get(position));
        }

        boolean isSelected(T item) {
            return selection().filter(item::equals).isPresent();
        }

        List<T> visible(int rows) {
            top = Math.clamp(top, Math.max(0, position - rows + 1), position);
            return items.subList(top, Math.min(items.size(), top + Math.max(0, rows)));
        }
    }

    /// @param source the broker, for people
    /// @param zone in which times are shown
    EventScreen(ClusterState state, String source, ZoneId zone, Remote remote) {
        this.state = state;
        this.source = source;
        this.remote = remote;
        this.taskColumns = EventColumns.ofTasks(zone);
    }

    boolean isDone() {
        return done;
    }

    /// Says something at the foot of the screen until the next key.
    void notice(String value) {
        notice = value;
    }

    /// Shows what workers have answered.
    void answer(String title, Map<String, ? extends @Nullable Object> answers) {
        var content = new StringBuilder();
        if (answers.isEmpty()) {
            content.append("no worker has answered in time");
        }
        answers.forEach((node, value) -> {
            content.append(node).append('\n');
            RemoteOptions.lines(value)
                    .forEach(line -> content.append("    ").append(line).append('\n'));
        });
        show(title, content.toString());
    }

    private void show(String title, String content) {
        text = new Text(title, width -> TerminalText.wrap(content, width), 0);
    }

    /// What a key does.
    ///
    /// @param key as [Keys] names it
    void press(String key) {
        notice = "";
        if (prompt != null) {
            answerPrompt(prompt, key);
            return;
        }
        var command = key.length() == 1 ? key.toLowerCase(Locale.ROOT) : key;
        switch (command) {
            case "q", Keys.END_OF_INPUT -> done = true;
            case "?" -> show("Keys", HELP);
            case Keys.UNKNOWN -> {} // perhaps what a terminal tells of itself
            case Keys.ESCAPE, Keys.BACKSPACE -> back();
            case "w" -> {
                showsWorkers = text != null ? showsWorkers : !showsWorkers;
                text = null;
            }
            case "j", Keys.DOWN -> move(1);
            case "k", Keys.UP -> move(-1);
            case Keys.PAGE_DOWN, " " -> move(page);
            case Keys.PAGE_UP -> move(-page);
            case Keys.HOME -> move(-1_000_000);
            case Keys.END -> move(1_000_000);
            case "e" ->
                    remote.ask("Events about tasks", "enable_events", Map.of(), Optional.empty());
            default -> {
                if (text != null) {
                    return;
                }
                if (showsWorkers) {
                    workers.selection().ifPresent(worker -> press(command, worker));
                } else {
                    pressForTasks(command);
                }
            }
        }
    }

    private void back() {
        if (text != null) {
            text = null;
        } else if (!filter.isEmpty() && !showsWorkers) {
            filter = "";
        } else {
            showsWorkers = false;
        }
    }

    private void move(int by) {
        if (text != null) {
            text = text.scrolled(by);
        } else if (showsWorkers) {
            workers.move(by);
        } else {
            tasks.move(by);
        }
    }

    private void answerPrompt(Prompt asked, String key) {
        var typed = asked.typed;
        switch (key) {
            case Keys.END_OF_INPUT -> done = true;
            case Keys.ESCAPE -> prompt = null;
            case Keys.ENTER -> {
                prompt = null;
                if (typed != null) {
                    asked.action.accept(typed);
                }
            }
            case Keys.BACKSPACE -> {
                if (typed != null) {
                    prompt =
                            new Prompt(
                                    asked.label,
                                    typed.substring(
                                            0,
                                            typed.isEmpty()
                                                    ? 0
                                                    : typed.offsetByCodePoints(typed.length(), -1)),
                                    asked.action);
                }
            }
            default -> {
                if (typed == null) {
                    prompt = null;
                    if (key.equalsIgnoreCase("y")) {
                        asked.action.accept(key);
                    }
                } else if (key.codePointCount(0, key.length()) == 1
                        && typed.length() < LONGEST_INPUT) {
                    prompt = new Prompt(asked.label, typed + key, asked.action);
                }
            }
        }
    }

    private void pressForTasks(String key) {
        switch (key) {
            case "/" -> prompt = new Prompt("Filter: ", filter, value -> filter = value.strip());
            case "o" -> order = order.next();
            default -> tasks.selection().ifPresent(task -> press(key, task));
        }
    }

    private void press(String key, TaskView task) {
        switch (key) {
            case "i", Keys.ENTER ->
                    text =
                            new Text(
                                    "Task " + task.id(),
                                    width ->
                                            fields(info(state.task(task.id()).orElse(task)), width),
                                    0);
            case "t" ->
                    show(
                            "Traceback of " + task.id(),
                            task.traceback().orElse("none has been told of"));
            case "r" ->
                    show(
                            "Result of " + task.id(),
                            task.result().or(task::exception).orElse("none has been told of"));
            case "c" ->
                    prompt =
                            new Prompt(
                                    "Revoke %s? y/n ".formatted(task.id()),
                                    null,
                                    _ ->
                                            remote.ask(
                                                    "Revoke " + task.id(),
                                                    "revoke",
                                                    Map.of("task_id", task.id()),
                                                    Optional.empty()));
            case "l" ->
                    task.name()
                            .ifPresentOrElse(
                                    this::askForRate,
                                    () -> notice = "the name of this task is not known");
            default -> notice = "no such key; ? shows them all";
        }
    }

    private void askForRate(String name) {
        prompt =
                new Prompt(
                        "New rate limit of %s: ".formatted(name),
                        "",
                        rate -> {
                            if (!rate.isBlank()) {
                                remote.ask(
                                        "Rate limit of " + name,
                                        "rate_limit",
                                        Map.of("task_name", name, "rate_limit", rate.strip()),
                                        Optional.empty());
                            }
                        });
    }

    private void press(String key, WorkerView worker) {
        switch (key) {
            case "i", Keys.ENTER ->
                    text =
                            new Text(
                                    "Worker " + worker.name(),
                                    width ->
                                            fields(
                                                    info(
                                                            state.worker(worker.name())
                                                                    .orElse(worker)),
                                                    width),
                                    0);
            case "a" -> inspect("active", worker);
            case "v" -> inspect("reserved", worker);
            case "s" -> inspect("stats", worker);
            default -> notice = "no such key; ? shows them all";
        }
    }

    private void inspect(String method, WorkerView worker) {
        remote.ask(
                "%s: %s".formatted(worker.name(), method),
                method,
                Map.of(),
                Optional.of(worker.name()));
    }

    private static Map<String, String> info(TaskView task) {
        var info = new LinkedHashMap<String, String>();
        info.put("uuid", task.id());
        task.name().ifPresent(name -> info.put("name", name));
        info.put("state", task.state());
        task.worker().ifPresent(worker -> info.put("worker", worker));
        task.client().ifPresent(client -> info.put("client", client));
        task.args().ifPresent(args -> info.put("args", args));
        task.kwargs().ifPresent(kwargs -> info.put("kwargs", kwargs));
        info.put("retries", String.valueOf(task.retries()));
        task.runtime().ifPresent(runtime -> info.put("runtime", EventColumns.seconds(runtime)));
        task.result().ifPresent(result -> info.put("result", result));
        task.exception().ifPresent(exception -> info.put("exception", exception));
        task.times().forEach((what, when) -> info.put(what, when.toString()));
        task.others().forEach((name, value) -> info.putIfAbsent(name, String.valueOf(value)));
        task.traceback().ifPresent(traceback -> info.put("traceback", traceback));
        return info;
    }

    private static Map<String, String> info(WorkerView worker) {
        var info = new LinkedHashMap<String, String>();
        info.put("name", worker.name());
        info.put("software", worker.software());
        info.put("system", worker.system());
        worker.pid().ifPresent(pid -> info.put("pid", String.valueOf(pid)));
        worker.active().ifPresent(active -> info.put("active", String.valueOf(active)));
        worker.processed().ifPresent(processed -> info.put("processed", String.valueOf(processed)));
        info.put("load", String.valueOf(worker.load()));
        info.put("heartbeat", "every %s s".formatted(worker.interval().toMillis() / 1000.0));
        info.put("heard", worker.heard().toString());
        info.put("clock", String.valueOf(worker.clock()));
        return info;
    }

    private static List<String> fields(Map<String, String> info, int width) {
        return info.entrySet().stream()
                .flatMap(field -> {
                    var oneLine = field.getKey() + ": " + field.getValue();
                    if (oneLine.indexOf('\n') < 0 && oneLine.length() <= width) {
                        return Stream.of(TerminalText.clean(oneLine));
                    }
                    return Stream.concat(
                            TerminalText.wrap(field.getKey() + ":", width).stream(),
                            TerminalText.wrap(field.getValue(), Math.max(2, width - MARGIN))
                                    .stream()
                                    .map(line -> " ".repeat(MARGIN) + line));
                })
                .toList();
    }

    /// What is to be seen now: at most so many lines, none wider than that.
    List<AttributedString> lines(int width, int height, Instant now) {
        // The lines that are always there come out of what the rows leave, in a low terminal.
        var fixed = Math.clamp(height - 2L, 0, 3);
        page = Math.max(1, height - fixed - 1);
        var body =
                text != null
                        ? body(text, width)
                        : showsWorkers ? workers(width, now) : tasks(width, now);
        var head =
                List.of(
                        plain(header(now), width, AttributedStyle.DEFAULT.bold()),
                        plain(counts(), width, AttributedStyle.DEFAULT),
                        body.title);
        var lines = new ArrayList<>(head.subList(head.size() - fixed, head.size()));
        lines.addAll(body.rows.subList(0, Math.clamp(height - fixed - 1L, 0, body.rows.size())));
        while (lines.size() < height - 1) {
            lines.add(AttributedString.EMPTY);
        }
        lines.add(foot(width));
        return lines;
    }

    /// What there is between head and foot.
    private record Body(AttributedString title, List<AttributedString> rows) {}

    private Body body(Text shown, int width) {
        var content = shown.content.apply(width);
        var top = Math.clamp(shown.top, 0, Math.max(0, content.size() - page));
        text = new Text(shown.title, shown.content, top);
        return new Body(
                plain(shown.title, width, AttributedStyle.DEFAULT.bold().underline()),
                content.stream()
                        .skip(top)
                        .limit(page)
                        .map(line -> plain(line, width, AttributedStyle.DEFAULT))
                        .toList());
    }

    private Body workers(int width, Instant now) {
        workers.show(state.workers());
        return table(workers, workerColumns.layout(width), _ -> Optional.empty(), width, now);
    }

    private Body tasks(int width, Instant now) {
        tasks.show(filtered());
        var layout = taskColumns.layout(width);
        var place = layout.place("STATE");
        return table(
                tasks,
                layout,
                task ->
                        place.map(at ->
                                new Colour(
                                        at[0],
                                        at[1],
                                        COLOURS.getOrDefault(
                                                task.state(), AttributedStyle.DEFAULT))),
                width,
                now);
    }

    private <T> Body table(
            Listing<T> listing,
            EventColumns.Layout<T> layout,
            Function<T, Optional<Colour>> colour,
            int width,
            Instant now) {
        return new Body(
                plain(layout.header(), width, AttributedStyle.DEFAULT.underline()),
                listing.visible(page).stream()
                        .map(item ->
                                row(
                                        layout.row(item, now),
                                        colour.apply(item),
                                        width,
                                        listing.isSelected(item)))
                        .toList());
    }

    private List<TaskView> filtered() {
        var wanted = filter.toLowerCase(Locale.ROOT);
        return state.tasks().stream()
                .filter(task ->
                        Stream.of(
                                        task.name().orElse(""),
                                        task.state(),
                                        task.worker().orElse(""),
                                        task.id())
                                .anyMatch(field -> field.toLowerCase(Locale.ROOT).contains(wanted)))
                .sorted(order.comparator())
                .toList();
    }

    private String header(Instant now) {
        var known = state.workers();
        return "muster events  %s  workers: %d alive of %d  events: %d, %.1f/s%s%s"
                .formatted(
                        source,
                        known.stream().filter(worker -> worker.isAlive(now)).count(),
                        known.size(),
                        state.events(),
                        rate(now),
                        state.ignored() == 0 ? "" : ", %d ignored".formatted(state.ignored()),
                        order == Order.TIME ? "" : "  by " + order.name().toLowerCase(Locale.ROOT));
    }

    private String counts() {
        var counts = state.counts();
        var shown =
                counts.entrySet().stream()
                        .map(count -> "%s %d".formatted(count.getKey(), count.getValue()))
                        .collect(Collectors.joining("  "));
        return "tasks: %d  %s%s"
                .formatted(
                        counts.values().stream().mapToInt(Integer::intValue).sum(),
                        counts.isEmpty()
                                ? "none yet; workers tell of them with -E, or once e was pressed"
                                : shown,
                        filter.isEmpty() ? "" : "  filter: " + filter);
    }

    /// Events in a second, over the last few.
    private double rate(Instant now) {
        samples.add(new Sample(now, state.events()));
        while (samples.size() > 2
                && Duration.between(samples.get(1).time, now).compareTo(WINDOW) > 0) {
            samples.removeFirst();
        }
        var first = samples.getFirst();
        var seconds = Duration.between(first.time, now).toMillis() / 1000.0;
        return seconds <= 0 ? 0 : (state.events() - first.events) / seconds;
    }

    private AttributedString foot(int width) {
        if (prompt != null) {
            var typed = prompt.typed == null ? "" : prompt.typed + "_";
            return plain(prompt.label + typed, width, AttributedStyle.DEFAULT.bold());
        }
        if (!notice.isEmpty()) {
            return plain(notice, width, AttributedStyle.DEFAULT.bold());
        }
        return plain(
                text != null ? TEXT_KEYS : showsWorkers ? WORKER_KEYS : TASK_KEYS,
                width,
                AttributedStyle.DEFAULT.faint());
    }

    private static AttributedString plain(String line, int width, AttributedStyle style) {
        return new AttributedString(TerminalText.fit(line, width).stripTrailing(), style);
    }

    private record Colour(int start, int width, AttributedStyle style) {}

    /// @param line of fitted cells, so that a column is where the layout says
    private static AttributedString row(
            String line, Optional<Colour> colour, int width, boolean selected) {
        if (selected || colour.isEmpty()) {
            return new AttributedString(
                    TerminalText.fit(line, width),
                    selected ? AttributedStyle.INVERSE : AttributedStyle.DEFAULT);
        }
        var cells = new AttributedString(TerminalText.fit(line, width));
        var place = colour.get();
        var coloured = cells.columnSubSequence(place.start, place.start + place.width);
        return new AttributedStringBuilder()
                .append(cells.columnSubSequence(0, place.start))
                .styled(place.style, coloured)
                .append(cells.columnSubSequence(place.start + place.width, width))
                .toAttributedString();
    }
}
