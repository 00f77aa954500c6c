package dev.muster.queue.codec;

import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/// Tells what an unquoted scalar is, by the rules of PyYAML's safe loader. They are those of YAML
/// 1.1, but for floats: with an exponent they need a point and a sign, so that PyYAML writes the
/// text 12e4567 without quotes.
final class YamlResolver extends Resolver {
    static final Pattern FLOAT =
            Pattern.compile(
                    "[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                            + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
                            + "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                            + "|[-+]?\\.(?:inf|Inf|INF)"
                            + "|\\.(?:nan|NaN|NAN)");
    static final Pattern INT =
            Pattern.compile(
                    "[-+]?0b[0-1_]+"
                            + "|[-+]?0[0-7_]+"
                            + "|[-+]?(?:0|[1-9][0-9_]*)"
                            + "|[-+]?0x[0-9a-fA-F_]+"
                            + "|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+");
    static final Pattern TIMESTAMP =
            Pattern.compile(
                    "(?<year>[0-9]{4})-(?<month>[0-9][0-9]?)-(?<day>[0-9][0-9]?)"
                            + "(?:(?:[Tt]|[ \\t]+)(?<hour>[0-9][0-9]?)"
                            + ":(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\\.(?<fraction>[0-9]*))?"
                            + "(?:[ \\t]*(?<zone>Z|(?<sign>[-+])(?<zoneHour>[0-9][0-9]?)"
                            + "(?::(?<zoneMinute>[0-9]{2}))?))?)?");
    private static final Pattern SHORT_DATE =
            Pattern.compile("[0-9]{4}-(?![0-9]{2}-[0-9]{2}$)[0-9-]+");

    @Override
    protected void addImplicitResolvers() {
        addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
        addImplicitResolver(Tag.FLOAT, whole(FLOAT), "-+0123456789.");
        addImplicitResolver(Tag.INT, whole(INT), "-+0123456789");
        addImplicitResolver(Tag.MERGE, MERGE, "<");
        addImplicitResolver(Tag.NULL, NULL, "~nN\0");
        addImplicitResolver(Tag.NULL, EMPTY, null);
        addImplicitResolver(Tag.STR, whole(SHORT_DATE), "0123456789");
        addImplicitResolver(Tag.TIMESTAMP, whole(TIMESTAMP), "0123456789");
    }

    private static Pattern whole(Pattern pattern) {
        return Pattern.compile("^(?:" + pattern.pattern() + ")$");
    }
}
