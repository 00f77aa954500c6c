package dev.muster.queue.codec;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.AnchorNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Turns the nodes of one YAML document into a plain tree.
///
/// An alias stands for a copy. Since aliases of aliases multiply, the number of values that may
/// come out is bounded by the length of the text.
final class YamlTree {
    /// Beyond two per character, which is more than can be written without aliases.
    private static final int VALUES_FOR_ALIASES = 100_000;

    private static final BigInteger SIXTY = BigInteger.valueOf(60);

    private long valuesLeft;

    YamlTree(int length) {
        valuesLeft = 2L * length + VALUES_FOR_ALIASES;
    }

    @Nullable Object value(Node node) {
        return value(node, 0);
    }

    private @Nullable Object value(Node node, int depth) {
        if (depth > Plain.MAX_DEPTH) {
            throw new DecodeException(
                    "YAML nested deeper than %d levels".formatted(Plain.MAX_DEPTH));
        }
        if (--valuesLeft < 0) {
            throw new DecodeException("YAML whose aliases make too many values");
        }
        return switch (node) {
            case ScalarNode scalar -> scalar(scalar.getTag(), scalar.getValue());
            case SequenceNode sequence -> list(sequence, depth);
            case MappingNode mapping -> map(mapping, depth);
            case AnchorNode anchor -> value(anchor.getRealNode(), depth);
            default -> throw new DecodeException("YAML with a node of unknown kind");
        };
    }

    private List<@Nullable Object> list(SequenceNode node, int depth) {
        expect(node, Tag.SEQ);
        var list = new ArrayList<@Nullable Object>();
        for (var item : node.getValue()) {
            list.add(value(item, depth + 1));
        }
        return list;
    }

    /// A set is read as the list of its elements.
    private Object map(MappingNode node, int depth) {
        if (node.getTag().equals(Tag.SET)) {
            var elements = new ArrayList<@Nullable Object>();
            for (var entry : node.getValue()) {
                elements.add(value(entry.getKeyNode(), depth + 1));
            }
            return elements;
        }
        expect(node, Tag.MAP);
        var map = new LinkedHashMap<String, @Nullable Object>();
        var merged = new LinkedHashMap<String, @Nullable Object>();
        for (var entry : node.getValue()) {
            if (entry.getKeyNode().getTag().equals(Tag.MERGE)) {
                merge(merged, value(entry.getValueNode(), depth + 1));
            } else {
                map.put(
                        key(value(entry.getKeyNode(), depth + 1)),
                        value(entry.getValueNode(), depth + 1));
            }
        }
        merged.forEach(map::putIfAbsent);
        return map;
    }

    private static void merge(Map<String, @Nullable Object> target, @Nullable Object source) {
        if (source instanceof Map<?, ?> map) {
            map.forEach((key, value) -> target.putIfAbsent(key(key), value));
        } else if (source instanceof List<?> maps) {
            for (var map : maps) {
                if (!(map instanceof Map)) {
                    throw new DecodeException("YAML that merges what is no map");
                }
                merge(target, map);
            }
        } else {
            throw new DecodeException("YAML that merges what is no map");
        }
    }

    private static String key(@Nullable Object key) {
        if (key instanceof Map || key instanceof Collection || key instanceof byte[]) {
            throw new DecodeException("a YAML map with a key that is no single value");
        }
        return Plain.key(key);
    }

    private static void expect(Node node, Tag tag) {
        if (!node.getTag().equals(tag)) {
            throw unknownTag(node.getTag());
        }
    }

    private static DecodeException unknownTag(Tag tag) {
        return new DecodeException("unknown YAML tag " + Scalars.shorten(tag.getValue()));
    }

    private static @Nullable Object scalar(Tag tag, String text) {
        try {
            if (tag.equals(Tag.STR)) {
                return text;
            }
            if (tag.equals(Tag.NULL)) {
                return null;
            }
            if (tag.equals(Tag.BOOL)) {
                return bool(text);
            }
            if (tag.equals(Tag.INT)) {
                return integer(text);
            }
            if (tag.equals(Tag.FLOAT)) {
                return floating(text);
            }
            if (tag.equals(Tag.TIMESTAMP)) {
                return timestamp(text);
            }
            if (tag.equals(Tag.BINARY)) {
                return Base64.getMimeDecoder().decode(text);
            }
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw new DecodeException("YAML with a malformed value of " + tag.getValue(), e);
        }
        throw unknownTag(tag);
    }

    private static boolean bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on" -> true;
            case "no", "false", "off" -> false;
            default -> throw new IllegalArgumentException("not a boolean");
        };
    }

    private static Object integer(String text) {
        var digits = text.replace("_", "");
        if (digits.length() > Scalars.MAX_DIGITS) {
            throw new NumberFormatException("more than " + Scalars.MAX_DIGITS + " digits");
        }
        var isNegative = digits.startsWith("-");
        if (isNegative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        var size = magnitude(digits);
        var number = isNegative ? size.negate() : size;
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    /// YAML 1.1 knows binary, hexadecimal, octal and base 60 (1:30 is 90).
    private static BigInteger magnitude(String digits) {
        if (digits.startsWith("0b")) {
            return new BigInteger(digits.substring(2), 2);
        }
        if (digits.startsWith("0x")) {
            return new BigInteger(digits.substring(2), 16);
        }
        if (digits.indexOf(':') >= 0) {
            var number = BigInteger.ZERO;
            for (var part : digits.split(":", -1)) {
                number = number.multiply(SIXTY).add(new BigInteger(part));
            }
            return number;
        }
        return new BigInteger(digits, digits.startsWith("0") ? 8 : 10);
    }

    private static double floating(String text) {
        var number = text.replace("_", "").toLowerCase(Locale.ROOT);
        if (number.endsWith(".nan")) {
            return Double.NaN;
        }
        if (number.endsWith(".inf")) {
            return number.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (number.indexOf(':') < 0) {
            return Double.parseDouble(number);
        }
        var isNegative = number.startsWith("-");
        var size = 0.0;
        for (var part :
                number.substring(isNegative || number.startsWith("+") ? 1 : 0).split(":", -1)) {
            size = size * 60 + Double.parseDouble(part);
        }
        return isNegative ? -size : size;
    }

    private static Object timestamp(String text) {
        var match = YamlResolver.TIMESTAMP.matcher(text);
        if (!match.matches()) {
            throw new DateTimeException("not a timestamp");
        }
        var date =
                LocalDate.of(
                        Integer.parseInt(match.group("year")),
                        Integer.parseInt(match.group("month")),
                        Integer.parseInt(match.group("day")));
        if (match.group("hour") == null) {
            return date;
        }
        var time =
                date.atTime(
                        Integer.parseInt(match.group("hour")),
                        Integer.parseInt(match.group("minute")),
                        Integer.parseInt(match.group("second")),
                        nanos(match.group("fraction")));
        if (match.group("zone") == null) {
            return time;
        }
        if (match.group("sign") == null) {
            return time.atOffset(ZoneOffset.UTC);
        }
        var minute = match.group("zoneMinute");
        var seconds =
                Integer.parseInt(match.group("zoneHour")) * 3600
                        + (minute == null ? 0 : Integer.parseInt(minute) * 60);
        return time.atOffset(
                ZoneOffset.ofTotalSeconds(match.group("sign").equals("-") ? -seconds : seconds));
    }

    private static int nanos(@Nullable String fraction) {
        var digits = fraction == null ? "" : fraction;
        return Integer.parseInt((digits + "000000000").substring(0, 9));
    }
}
