package dev.muster.queue.schedule;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/// At an event of the sun (celery-wire 9.4), to the minute: an event on a day on which the sun does
/// not reach its height, as near the poles, is left out.
///
/// Implementation note: the equations of the solar calculator of NOAA, from Meeus, *Astronomical
/// Algorithms*, chapters 25 and 28: the sun's declination and the equation of time at an instant
/// give the hour angle at which it stands at a height. That instant is not known before, so it is
/// computed from noon on, then from the result, until it stays.
///
/// @param event which of them
/// @param latitude in degrees, -90 to 90, north positive
/// @param longitude in degrees, -180 to 180, east positive
public record Solar(Event event, double latitude, double longitude) implements Schedule {
    private static final double MINUTES_PER_DEGREE = 4;
    private static final double NOON_MINUTES = 720;
    private static final double J2000_EPOCH_SECOND = 946_728_000;
    private static final double SECONDS_PER_CENTURY = 36_525 * 86_400.0;

    /// Each round brings the result closer by two digits or more.
    private static final int ROUNDS = 5;

    /// Wherever the sun sets at all, it does so within a year.
    private static final int SEARCH_DAYS = 400;

    public Solar {
        Objects.requireNonNull(event, "event");
        if (!(latitude >= -90 && latitude <= 90)) {
            throw new IllegalArgumentException(
                    "a latitude must be from -90 to 90, was " + latitude);
        }
        if (!(longitude >= -180 && longitude <= 180)) {
            throw new IllegalArgumentException(
                    "a longitude must be from -180 to 180, was " + longitude);
        }
    }

    @Override
    public Solar withDefaultZone(ZoneId zone) {
        return this;
    }

    /// @throws DateTimeException when the event never comes there, such as a sunset at a pole whose
    ///   day is longer than the search
    @Override
    public Instant next(Instant lastRun, Instant now) {
        // The day of the place may be the one before or after that of Greenwich.
        var first = LocalDate.ofInstant(lastRun, ZoneOffset.UTC).minusDays(1);
        for (var days = 0; days < SEARCH_DAYS; days++) {
            var found = on(first.plusDays(days)).filter(time -> time.isAfter(lastRun));
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new DateTimeException("there is no " + this);
    }

    /// The event on a day of the place, in its own solar time.
    Optional<Instant> on(LocalDate day) {
        var midnight = day.atStartOfDay().toInstant(ZoneOffset.UTC);
        var minutes = NOON_MINUTES - MINUTES_PER_DEGREE * longitude;
        for (var round = 0; round < ROUNDS; round++) {
            var sun = Sun.at(plusMinutes(midnight, minutes));
            var transit = NOON_MINUTES - MINUTES_PER_DEGREE * longitude - sun.equationOfTimeMinutes;
            if (event.side == 0) {
                minutes = transit;
                continue;
            }
            var angle = hourAngle(sun);
            if (angle.isEmpty()) {
                return Optional.empty();
            }
            minutes = transit + event.side * MINUTES_PER_DEGREE * angle.getAsDouble();
        }
        return Optional.of(plusMinutes(midnight, minutes));
    }

    private static Instant plusMinutes(Instant midnight, double minutes) {
        return midnight.plus(Duration.ofMillis(Math.round(minutes * TimeUnit.MINUTES.toMillis(1))));
    }

    /// The angle in degrees between noon and the moment when the sun stands at the event's height;
    /// empty when it never does.
    private OptionalDouble hourAngle(Sun sun) {
        var place = Math.toRadians(latitude);
        var cosine =
                (Math.sin(Math.toRadians(event.height))
                                - Math.sin(place) * Math.sin(sun.declination))
                        / (Math.cos(place) * Math.cos(sun.declination));
        return Math.abs(cosine) <= 1
                ? OptionalDouble.of(Math.toDegrees(Math.acos(cosine)))
                : OptionalDouble.empty();
    }

    /// `sunset at 52.5, 13.4`.
    @Override
    public String toString() {
        return "%s at %s, %s".formatted(event.text(), latitude, longitude);
    }

    /// What the sun can do. At dawn it is below the horizon and rises, at dusk it sets.
    public enum Event {
        DAWN_ASTRONOMICAL(-18, -1),
        DAWN_NAUTICAL(-12, -1),
        DAWN_CIVIL(-6, -1),
        SUNRISE(Event.HORIZON, -1),
        SOLAR_NOON(0, 0),
        SUNSET(Event.HORIZON, 1),
        DUSK_CIVIL(-6, 1),
        DUSK_NAUTICAL(-12, 1),
        DUSK_ASTRONOMICAL(-18, 1);

        /// The upper limb on the horizon: refraction lifts it by 34 minutes of arc, and the centre
        /// stands 16 below it.
        private static final double HORIZON = -50 / 60.0;

        /// Of the centre, in degrees.
        private final double height;

        /// -1 before noon, 1 after it.
        private final int side;

        Event(double height, int side) {
            this.height = height;
            this.side = side;
        }

        /// Celery's name: `dawn_civil`.
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// The event of one of Celery's names.
        ///
        /// @throws IllegalArgumentException when there is none
        public static Event parse(String text) {
            for (var event : values()) {
                if (event.text().equals(text)) {
                    return event;
                }
            }
            throw new IllegalArgumentException(
                    "'%s' is no event of the sun; there are dawn_astronomical, dawn_nautical, dawn_civil, sunrise, solar_noon, sunset, dusk_civil, dusk_nautical, dusk_astronomical"
                            .formatted(text));
        }
    }

    /// Where the sun is at an instant.
    ///
    /// @param declination in radians
    /// @param equationOfTimeMinutes how far a sundial is ahead of the clock
    private record Sun(double declination, double equationOfTimeMinutes) {
        static Sun at(Instant time) {
            var t = (time.getEpochSecond() - J2000_EPOCH_SECOND) / SECONDS_PER_CENTURY;
            var meanLongitude = Math.toRadians(280.46646 + t * (36_000.76983 + t * 0.0003032));
            var anomaly = Math.toRadians(357.52911 + t * (35_999.05029 - t * 0.0001537));
            var eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267);
            var center =
                    Math.sin(anomaly) * (1.914602 - t * (0.004817 + t * 0.000014))
                            + Math.sin(2 * anomaly) * (0.019993 - t * 0.000101)
                            + Math.sin(3 * anomaly) * 0.000289;
            var node = Math.toRadians(125.04 - 1934.136 * t);
            var longitude =
                    meanLongitude + Math.toRadians(center - 0.00569 - 0.00478 * Math.sin(node));
            var obliquity =
                    Math.toRadians(
                            23.4392911
                                    - t * (0.0130042 + t * (1.64e-7 - t * 5.036e-7))
                                    + 0.00256 * Math.cos(node));
            var y = Math.pow(Math.tan(obliquity / 2), 2);
            var equation =
                    y * Math.sin(2 * meanLongitude)
                            - 2 * eccentricity * Math.sin(anomaly)
                            + 4 * eccentricity * y * Math.sin(anomaly) * Math.cos(2 * meanLongitude)
                            - 0.5 * y * y * Math.sin(4 * meanLongitude)
                            - 1.25 * eccentricity * eccentricity * Math.sin(2 * anomaly);
            return new Sun(
                    Math.asin(Math.sin(obliquity) * Math.sin(longitude)),
                    MINUTES_PER_DEGREE * Math.toDegrees(equation));
        }
    }
}
