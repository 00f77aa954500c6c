package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static final UUID ID = UUID.fromString("b7a3f3c1-0000-4000-8000-0123456789ab");

    private final Json json = new Json(true);

    enum Colour {
        RED,
        GREEN;

        @Override
        public String toString() {
            return "the colour " + name();
        }
    }

    record Positive(int number) {
        Positive {
            if (number <= 0) {
                throw new IllegalArgumentException("number must be positive, was " + number);
            }
        }
    }

    record Item(String name, double price, int count) {}

    record Order(
            UUID id,
            List<Item> items,
            @Nullable Instant when,
            Optional<Colour> colour,
            Map<Colour, BigDecimal> byColour,
            byte[] raw,
            Duration limit,
            @Nullable Object anything) {}

    @SuppressWarnings("unused") // its property is read by reflection
    static final class Bean {
        private int size;

        public int getSize() {
            return size;
        }

        public void setSize(int size) {
            this.size = size;
        }
    }

    @SuppressWarnings("unused") // its property is read by reflection
    static final class Endless {
        public Endless getSelf() {
            return this;
        }
    }

    /// The text is what kombu 5.6.2 writes, and reads as the same values.
    @Test
    void readsAndWritesTypedValuesByteForByteAsKombu() {
        var text =
                "[{\"__type__\": \"datetime\", \"__value__\":"
                        + " \"2026-11-20T11:47:38.148111+00:00\"},"
                        + " {\"__type__\": \"datetime\", \"__value__\": \"2026-11-20T11:47:38\"},"
                        + " {\"__type__\": \"date\", \"__value__\": \"2026-01-02\"},"
                        + " {\"__type__\": \"time\", \"__value__\": \"03:04:05\"},"
                        + " {\"__type__\": \"decimal\", \"__value__\": \"1.10\"},"
                        + " {\"__type__\": \"uuid\", \"__value__\":"
                        + " {\"hex\": \"b7a3f3c10000400080000123456789ab\"}},"
                        + " {\"__type__\": \"bytes\", \"__value__\": \"t\\u00e4lt\"},"
                        + " {\"__type__\": \"base64\", \"__value__\": \"//4=\"}]";

        assertThat(json.writeText(json.read(text))).isEqualTo(text);
    }

    @Nested
    class Writing {
        @Test
        void hasTheSpacingAndTheEscapesOfPython() {
            var value = new LinkedHashMap<String, @Nullable Object>();
            value.put("a", Arrays.asList(1, 2.0, null, true));
            value.put("é\"\\\n\u0001\u007f", "😀/");

            assertThat(json.writeText(value))
                    .isEqualTo(
                            "{\"a\": [1, 2.0, null, true],"
                                    + " \"\\u00e9\\\"\\\\\\n\\u0001\\u007f\": \"\\ud83d\\ude00/\"}");
        }

        @ParameterizedTest
        @CsvSource({
            "1.0, 1.0",
            "-0.0, -0.0",
            "0.1, 0.1",
            "1e7, 10000000.0",
            "1.5e15, 1500000000000000.0",
            "123456789012345680, 1.2345678901234568e+17",
            "1e16, 1e+16",
            "9999999999999998, 9999999999999998.0",
            "0.0001, 0.0001",
            "0.00012345, 0.00012345",
            "0.00001, 1e-05",
            "-1.5e-7, -1.5e-07",
            "5e-324, 5e-324",
            "1e-323, 1e-323",
            "1.7976931348623157e308, 1.7976931348623157e+308",
            "1e23, 1e+23",
            "2e22, 2e+22",
            "123456.75, 123456.75",
            "12345678.5, 12345678.5"
        })
        void printsFloatsAsPythonDoes(double number, String text) {
            assertThat(json.writeText(number)).isEqualTo(text);
        }

        @Test
        void writesIntegersOfAnySize() {
            var huge = BigInteger.TWO.pow(200).negate();

            assertThat(json.writeText(List.of(0, -1, Long.MIN_VALUE, Long.MAX_VALUE, huge)))
                    .isEqualTo("[0, -1, -9223372036854775808, 9223372036854775807, " + huge + "]");
        }

        @Test
        void refusesNotANumberAndInfinity() {
            assertThatExceptionOfType(EncodeException.class)
                    .isThrownBy(() -> json.write(List.of(Double.NaN)))
                    .withMessageContaining("NaN");
            assertThatExceptionOfType(EncodeException.class)
                    .isThrownBy(() -> json.write(Float.NEGATIVE_INFINITY))
                    .withMessageContaining("-Infinity");
        }

        @Test
        void writesTypedValues() {
            assertThat(json.writeText(Instant.parse("2026-11-20T11:47:38.148111222Z")))
                    .isEqualTo(
                            "{\"__type__\": \"datetime\", \"__value__\":"
                                    + " \"2026-11-20T11:47:38.148111+00:00\"}");
            assertThat(json.writeText(LocalDateTime.of(2026, 1, 2, 3, 4)))
                    .contains("\"2026-01-02T03:04:00\"");
            assertThat(json.writeText(LocalDate.of(2026, 1, 2)))
                    .isEqualTo("{\"__type__\": \"date\", \"__value__\": \"2026-01-02\"}");
            assertThat(json.writeText(LocalTime.of(3, 4, 5)))
                    .isEqualTo("{\"__type__\": \"time\", \"__value__\": \"03:04:05\"}");
            assertThat(json.writeText(new BigDecimal("1.10")))
                    .isEqualTo("{\"__type__\": \"decimal\", \"__value__\": \"1.10\"}");
            assertThat(json.writeText(ID))
                    .isEqualTo(
                            "{\"__type__\": \"uuid\", \"__value__\":"
                                    + " {\"hex\": \"b7a3f3c1000040008000"
                                    + "0123456789ab\"}}");
            assertThat(json.writeText("tält".getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo("{\"__type__\": \"bytes\", \"__value__\": \"t\\u00e4lt\"}");
            assertThat(json.writeText(new byte[] {-1, -2}))
                    .isEqualTo("{\"__type__\": \"base64\", \"__value__\": \"//4=\"}");
        }

        @Test
        void writesBareStringsForKombu52() {
            var bare = new Json(false);

            assertThat(bare.writeText(Instant.EPOCH)).isEqualTo("\"1970-01-01T00:00:00+00:00\"");
            assertThat(bare.writeText(LocalDate.of(2026, 1, 2)))
                    .isEqualTo("\"2026-01-02T00:00:00\"");
            assertThat(bare.writeText(new BigDecimal("1.10"))).isEqualTo("\"1.10\"");
            assertThat(bare.writeText(ID)).isEqualTo("\"" + ID + "\"");
        }

        @Test
        void writesRecordsWithTheirComponentsInOrder() {
            var order =
                    new Order(
                            ID,
                            List.of(new Item("nut", 1, 2)),
                            null,
                            Optional.of(Colour.RED),
                            Map.of(Colour.GREEN, BigDecimal.ONE),
                            new byte[] {'a'},
                            Duration.ofMillis(1500),
                            DayOfWeek.MONDAY);

            assertThat(new Json(false).writeText(order))
                    .isEqualTo(
                            "{\"id\": \""
                                    + ID
                                    + "\", \"items\": [{\"name\": \"nut\", \"price\": 1.0,"
                                    + " \"count\": 2}], \"when\": null, \"colour\": \"RED\","
                                    + " \"byColour\": {\"GREEN\": \"1\"}, \"raw\": \"YQ==\","
                                    + " \"limit\": 1.5, \"anything\": \"MONDAY\"}");
        }

        @Test
        void turnsKeysIntoStrings() {
            var map = new LinkedHashMap<@Nullable Object, Object>();
            map.put(1, "a");
            map.put(Colour.RED, "b");
            map.put(null, "c");

            assertThat(json.writeText(map))
                    .isEqualTo("{\"1\": \"a\", \"RED\": \"b\", \"null\": \"c\"}");
        }

        @Test
        void refusesWhatContainsItself() {
            var loop = new ArrayList<Object>();
            loop.add(loop);

            assertThatExceptionOfType(EncodeException.class).isThrownBy(() -> json.write(loop));
            assertThatExceptionOfType(EncodeException.class)
                    .isThrownBy(() -> json.write(new Endless()))
                    .withMessageContaining("Endless");
        }

        @Test
        void refusesTimesBeyondTheCalendarOfPython() {
            for (var time : List.of(Instant.MAX, LocalDate.of(10_000, 1, 1), Instant.MIN)) {
                assertThatExceptionOfType(EncodeException.class).isThrownBy(() -> json.write(time));
            }
        }

        @Test
        void refusesWhatIsNoData() {
            assertThatExceptionOfType(EncodeException.class)
                    .isThrownBy(() -> json.write(List.of(new Object())))
                    .withMessageContaining("java.lang.Object");
        }

        @Test
        void growsForLongTextsWithEscapes() {
            var text = "ä".repeat(100_000) + "x".repeat(100_000);

            assertThat(json.read(json.write(text))).isEqualTo(text);
        }
    }

    @Nested
    class Reading {
        @Test
        void givesAPlainTree() {
            var read = json.read("{\"a\": [1, 2.0, null, true, \"é\", {}, []], \"b\": -0}");

            var expected = new LinkedHashMap<String, @Nullable Object>();
            expected.put("a", Arrays.asList(1L, 2.0, null, true, "é", Map.of(), List.of()));
            expected.put("b", 0L);
            assertThat(read).isEqualTo(expected);
        }

        @Test
        void acceptsWhatPythonWritesForStrangeFloats() {
            assertThat(json.read("[NaN, Infinity, -Infinity, 1e400]"))
                    .isEqualTo(
                            List.of(
                                    Double.NaN,
                                    Double.POSITIVE_INFINITY,
                                    Double.NEGATIVE_INFINITY,
                                    Double.POSITIVE_INFINITY));
        }

        @Test
        void acceptsIntegersOfTenThousandDigitsAndNoMore() {
            var huge = "9".repeat(10_000);

            assertThat(json.read(huge)).isEqualTo(new BigInteger(huge));
            assertRefused("9".repeat(10_001));
        }

        @Test
        void keepsLoneSurrogates() {
            assertThat(json.read("\"\\ud800\"")).isEqualTo("\ud800");
            assertThat(json.writeText("a\udfff")).isEqualTo("\"a\\udfff\"");
        }

        @Test
        void decodesTypedValues() {
            assertThat(typed("datetime", "\"2026-11-20T11:47:38.148111+01:00\""))
                    .isEqualTo(OffsetDateTime.parse("2026-11-20T11:47:38.148111+01:00"));
            assertThat(typed("datetime", "\"2026-11-20T11:47:38\""))
                    .isEqualTo(LocalDateTime.parse("2026-11-20T11:47:38"));
            assertThat(typed("date", "\"2026-01-02\"")).isEqualTo(LocalDate.of(2026, 1, 2));
            assertThat(typed("time", "\"03:04:05.5\"")).isEqualTo(LocalTime.parse("03:04:05.5"));
            assertThat(typed("decimal", "\"1.10\"")).isEqualTo(new BigDecimal("1.10"));
            assertThat(
                            typed(
                                    "uuid",
                                    "{\"hex\": \"b7a3f3c10000400080000123456789ab\", \"version\": 4}"))
                    .isEqualTo(ID);
            assertThat(typed("bytes", "\"tält\""))
                    .isEqualTo("tält".getBytes(StandardCharsets.UTF_8));
            assertThat(typed("base64", "\"//4=\"")).isEqualTo(new byte[] {-1, -2});
        }

        private @Nullable Object typed(String type, String value) {
            return json.read("{\"__type__\": \"%s\", \"__value__\": %s}".formatted(type, value));
        }

        @Test
        void leavesAMapWithAThirdKeyAlone() {
            assertThat(json.read("{\"__type__\": \"date\", \"__value__\": 1, \"x\": 2}"))
                    .isInstanceOf(Map.class);
        }

        @Test
        void acceptsTheDeepestNestingAndNoDeeper() {
            assertThat(json.read("[".repeat(500) + "]".repeat(500))).isInstanceOf(List.class);
            assertRefused("[".repeat(501) + "]".repeat(501));
            assertRefused("{\"a\":".repeat(100_000));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " ",
                    "{",
                    "[1,",
                    "[1",
                    "\"a",
                    "1 2",
                    "[] x",
                    "\u0000",
                    "[1]\u0000",
                    "tru",
                    "{1: 2}",
                    "[1,]",
                    "'a'",
                    "\"\\x\"",
                    "\"a\nb\"",
                    "01",
                    "\ufeff1",
                    "{\"__type__\": \"java.lang.Runtime\", \"__value__\": 1}",
                    "{\"__type__\": 1, \"__value__\": 1}",
                    "{\"__type__\": \"datetime\", \"__value__\": \"yesterday\"}",
                    "{\"__type__\": \"decimal\", \"__value__\": \"ten\"}",
                    "{\"__type__\": \"uuid\", \"__value__\": {\"hex\": \"12\"}}",
                    "{\"__type__\": \"base64\", \"__value__\": \"*\"}",
                    "{\"__type__\": \"date\", \"__value__\": null}"
                })
        void refuses(String text) {
            assertRefused(text);
        }

        @Test
        void refusesInvalidUtf8() {
            for (var bytes :
                    List.of(
                            new byte[] {'"', (byte) 0xff, '"'},
                            new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
                            new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'},
                            "[1]".getBytes(StandardCharsets.UTF_16LE))) {
                assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> json.read(bytes));
            }
        }

        private void assertRefused(String text) {
            assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> json.read(text));
            assertThatExceptionOfType(DecodeException.class)
                    .isThrownBy(() -> json.read(text.getBytes(StandardCharsets.UTF_8)))
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
        }
    }

    @Nested
    class Converting {
        @Test
        void checksTheRangeOfNumbers() {
            assertThat(convert(5L, int.class)).isEqualTo(5);
            assertThat(convert(5L, Short.class)).isEqualTo((short) 5);
            assertThat(convert(1L, double.class)).isEqualTo(1.0);
            assertThat(convert(2.0, long.class)).isEqualTo(2L);
            assertThat(convert(0.1, float.class)).isEqualTo(0.1f);
            assertThat(convert(BigInteger.TWO.pow(70), double.class)).isEqualTo(Math.pow(2, 70));
            assertMisfit(1L << 40, int.class, "", "expected a whole number (int), found");
            assertMisfit(1.5, int.class, "", "the number 1.5");
            assertMisfit(128L, byte.class, "", "128");
            assertMisfit(BigInteger.TWO.pow(64), long.class, "", "whole number (long)");
            assertMisfit(true, int.class, "", "found true");
            assertMisfit(1L, boolean.class, "", "expected true or false");
            assertMisfit("1", int.class, "", "the text '1'");
            assertMisfit(null, int.class, "", "found null");
            assertMisfit(1e300, float.class, "", "1e+300");
            assertMisfit(1L, String.class, "", "expected a text");
        }

        @Test
        void convertsTimesFromTypedValuesAndFromStrings() {
            var time = Instant.parse("2026-11-20T11:47:38.148Z");

            assertThat(convert("2026-11-20T12:47:38.148+01:00", Instant.class)).isEqualTo(time);
            assertThat(convert("2026-11-20T11:47:38.148", Instant.class)).isEqualTo(time);
            assertThat(convert("2026-11-20 11:47:38.148000000Z", Instant.class)).isEqualTo(time);
            assertThat(convert(time.atOffset(ZoneOffset.UTC), Instant.class)).isEqualTo(time);
            assertThat(convert(LocalDateTime.ofInstant(time, ZoneOffset.UTC), Instant.class))
                    .isEqualTo(time);
            assertThat(convert("2026-01-02T00:00:00", LocalDate.class))
                    .isEqualTo(LocalDate.of(2026, 1, 2));
            assertThat(convert("2026-01-02", LocalDate.class)).isEqualTo(LocalDate.of(2026, 1, 2));
            assertThat(convert("03:04", LocalTime.class)).isEqualTo(LocalTime.of(3, 4));
            assertThat(convert("2026-11-20T11:47:38.148Z", LocalDateTime.class))
                    .isEqualTo(LocalDateTime.ofInstant(time, ZoneOffset.UTC));
            assertThat(convert(1.5, Duration.class)).isEqualTo(Duration.ofMillis(1500));
            assertThat(convert(90L, Duration.class)).isEqualTo(Duration.ofSeconds(90));
            assertMisfit("2026-01-02T10:00:00", LocalDate.class, "", "expected a date");
            assertMisfit("soon", Instant.class, "", "the text 'soon'");
        }

        @Test
        void convertsOtherSingleValues() {
            assertThat(convert(ID.toString(), UUID.class)).isEqualTo(ID);
            assertThat(convert(ID, String.class)).isEqualTo(ID.toString());
            assertThat(convert(1.1, BigDecimal.class)).isEqualTo(new BigDecimal("1.1"));
            assertThat(convert("1.10", BigDecimal.class)).isEqualTo(new BigDecimal("1.10"));
            assertThat(convert(7L, BigInteger.class)).isEqualTo(BigInteger.valueOf(7));
            assertThat(convert("YQ==", byte[].class)).isEqualTo(new byte[] {'a'});
            assertThat(convert("RED", Colour.class)).isEqualTo(Colour.RED);
            assertThat(convert("x", char.class)).isEqualTo('x');
            assertMisfit("BLUE", Colour.class, "", "found the text 'BLUE'");
            assertMisfit("not base64!", byte[].class, "", "expected bytes");
        }

        @Test
        void convertsByGenericType() {
            assertThat(convert(List.of(1L, 2L), typeOf("ints"))).isEqualTo(List.of(1, 2));
            assertThat(convert(List.of(1L, 1L), typeOf("set"))).isEqualTo(Set.of((short) 1));
            assertThat(convert(Map.of("a", List.of("1970-01-01T00:00:00Z")), typeOf("times")))
                    .isEqualTo(Map.of("a", List.of(Optional.of(Instant.EPOCH))));
            assertThat(convert(Map.of("7", "x"), typeOf("byNumber"))).isEqualTo(Map.of(7, "x"));
            assertThat(convert(List.of(1L, 2L), int[].class)).isEqualTo(new int[] {1, 2});
            assertThat(convert(List.of(List.of("a")), typeOf("lists")))
                    .isEqualTo(new List<?>[] {List.of("a")});
            assertThat(convert(null, typeOf("ints"))).isNull();
            assertThat(convert(null, Optional.class)).isEqualTo(Optional.empty());
        }

        @SuppressWarnings("unused") // only the types of these fields count
        private static final class Types {
            @Nullable List<Integer> ints;
            @Nullable Set<Short> set;
            @Nullable Map<String, List<Optional<Instant>>> times;
            @Nullable Map<Integer, String> byNumber;
            List<String> @Nullable [] lists;
            @Nullable List<Item> items;
            @Nullable Map<String, ? extends Item> wild;
        }

        private Type typeOf(String field) {
            try {
                return Types.class.getDeclaredField(field).getGenericType();
            } catch (NoSuchFieldException e) {
                throw new AssertionError(e);
            }
        }

        @Test
        void roundTripsARecordThroughTypedJson() {
            var order =
                    new Order(
                            ID,
                            List.of(new Item("nut", 1, 2)),
                            Instant.parse("2026-11-20T11:47:38.148111Z"),
                            Optional.empty(),
                            Map.of(Colour.GREEN, new BigDecimal("1.10")),
                            new byte[] {-1},
                            Duration.ofMillis(1500),
                            List.of("x", 1L));

            for (var format : List.of(json, new Json(false))) {
                var read = (Order) format.convert(format.read(format.write(order)), Order.class);

                assertThat(read).usingRecursiveComparison().isEqualTo(order);
            }
        }

        @Test
        void convertsBeans() {
            var bean = new Bean();
            bean.setSize(3);

            assertThat(json.writeText(bean)).isEqualTo("{\"size\": 3}");
            assertThat(convert(Map.of("size", 3L), Bean.class))
                    .usingRecursiveComparison()
                    .isEqualTo(bean);
        }

        @Test
        void namesThePathOfAMisfit() {
            var good = Map.<String, Object>of("name", "a", "price", 1.0, "count", 1L);
            var bad = new HashMap<>(good);
            bad.put("price", "cheap");

            assertMisfit(
                    List.of(good, good, bad),
                    typeOf("items"),
                    "[2].price",
                    "expected a number (double), found the text 'cheap'");
            assertMisfit(bad, Item.class, "price", "expected a number (double)");
            assertMisfit(Map.of("x", bad), typeOf("wild"), "x.price", "expected a number (double)");
            bad.put("price", 1.0);
            bad.put("count", 1L << 40);
            assertMisfit(bad, Item.class, "count", "expected a whole number (int)");
            bad.put("count", 1.5);
            assertMisfit(bad, Item.class, "count", "expected a whole number (int)");
            bad.put("count", true);
            assertMisfit(bad, Item.class, "count", "found true");
            bad.put("count", null);
            assertMisfit(bad, Item.class, "count", "found null");
            bad.remove("count");
            assertMisfit(bad, Item.class, "count", "expected a whole number (int)");
            assertMisfit(List.of(1L, "x"), typeOf("ints"), "[1]", "found the text 'x'");
            assertMisfit("x", typeOf("ints"), "", "expected a list, found the text 'x'");
            assertMisfit(3L, Item.class, "", "found the number 3");
        }

        @Test
        void saysWhatAConstructorRefused() {
            assertMisfit(Map.of("number", -1L), Positive.class, "", "must be positive, was -1");
        }

        @Test
        void leavesAnObjectAsItIs() {
            var time = LocalDate.of(2026, 1, 2);

            assertThat(convert(time, Object.class)).isSameAs(time);
        }

        @Test
        void convertsAQuarterOfAMillionNumbers() {
            var numbers = LongStream.range(0, 250_000).boxed().toList();

            assertThat((List<?>) convert(json.read(json.write(numbers)), typeOf("ints")))
                    .hasSize(250_000)
                    .last()
                    .isEqualTo(249_999);
        }

        @Test
        void makesAPlainTreeOfAnything() {
            var zoned = Instant.EPOCH.atZone(ZoneId.of("Europe/Berlin"));

            assertThat(json.toPlain(new Object[] {1, 0.1f, 'c', zoned, new int[] {1}, ID}))
                    .isEqualTo(List.of(1L, 0.1, "c", zoned.toOffsetDateTime(), List.of(1L), ID));
            assertThat(json.toPlain(new Item("a", 1, 2)))
                    .isEqualTo(Map.of("name", "a", "price", 1.0, "count", 2L));
        }

        private @Nullable Object convert(@Nullable Object plain, Type type) {
            return json.convert(plain, type);
        }

        private void assertMisfit(@Nullable Object plain, Type type, String path, String detail) {
            assertThatExceptionOfType(ConversionException.class)
                    .isThrownBy(() -> json.convert(plain, type))
                    .satisfies(e -> assertThat(e.path()).isEqualTo(path))
                    .withMessageContaining(detail);
        }
    }
}
