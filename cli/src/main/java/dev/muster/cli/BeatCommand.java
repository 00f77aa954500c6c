package dev.muster.cli;

import dev.muster.queue.Beat;
import dev.muster.queue.Health;
import dev.muster.queue.Muster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "beat",
        mixinStandardHelpOptions = true,
        description = {
            "Sends tasks at the times of a schedule, until it is stopped: those of the setting beat_schedule, those of an"
                    + " application that are @Scheduled, and those that muster schedule add has added.",
            "",
            "Of several beats on one schedule, one sends, and another takes over when it is gone."
        },
        footer = {
            "",
            "Examples:",
            "  muster beat -A Reports.java -b redis://localhost",
            "  muster beat -b redis://localhost -s redis://localhost"
        })
final class BeatCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Beat.class);

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Mixin private ApplicationOptions application = new ApplicationOptions();

    @Mixin private ScheduleOption schedule = new ScheduleOption();

    @Option(
            names = "--max-interval",
            paramLabel = "SECONDS",
            description =
                    "After which time, at the latest, a change of the schedule is noticed. By default, and at the most, ten seconds.")
    private @Nullable Double maxInterval;

    @Mixin private HttpOption http = new HttpOption();

    @Mixin private ServiceOptions service = new ServiceOptions();

    @Override
    public Integer call() throws InterruptedException {
        var background = service.detach(spec());
        if (background.isPresent()) {
            return background.getAsInt();
        }
        beat();
        return 0;
    }

    private void beat() throws InterruptedException {
        service.useLog(spec(), connection.logLevel(LogLevel.INFO));
        var stopped = new CountDownLatch(1);
        Signals.handle("INT", stopped::countDown);
        Signals.handle("TERM", stopped::countDown);
        try (var _ = service.writePid(spec());
                var endpoints = http.bind();
                var muster =
                        schedule.applyTo(application.registerWith(connection.muster())).build()) {
            var builder = muster.beat();
            if (maxInterval != null) {
                builder.maxInterval(Seconds.toDuration("--max-interval", maxInterval));
            }
            try (var beat = builder.start()) {
                if (endpoints != null) {
                    new Probes().of("beat", beat::health).addTo(endpoints).start();
                }
                introduce(muster, builder, endpoints);
                if (awaitStarted(beat, stopped)) {
                    LOG.info("beat ready.");
                    ServiceOptions.ready(spec().commandLine().getOut());
                }
                stopped.await();
            }
        }
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec, "spec");
    }

    /// @return false when it is stopped before
    private static boolean awaitStarted(Beat beat, CountDownLatch stopped)
            throws InterruptedException {
        while (beat.health().state() == Health.State.STARTING) {
            if (stopped.await(50, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    private void introduce(Muster muster, Beat.Builder beat, @Nullable Endpoints endpoints) {
        var text = new StringWriter();
        print(muster, beat, endpoints, new PrintWriter(text, true));
        service.log().introduce(text.toString(), spec().commandLine().getOut());
    }

    private static void print(
            Muster muster, Beat.Builder beat, @Nullable Endpoints endpoints, PrintWriter out) {
        out.printf("muster %s, beat%n%n", Muster.VERSION);
        out.println("[config]");
        out.printf("  .> broker:      %s%n", muster.brokerDescription());
        try (var schedules = muster.schedules()) {
            out.printf("  .> schedule:    %s%n", schedules.description());
        }
        if (endpoints != null) {
            out.printf("  .> http:        %s%n", endpoints.url());
        }
        out.println();
        out.println("[entries]");
        beat.entries()
                .forEach(entry ->
                        out.printf(
                                "  . %s: %s, %s%n",
                                entry.name(), entry.call().task(), entry.schedule()));
        out.println();
        out.flush();
    }
}
