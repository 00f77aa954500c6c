package dev.muster.queue.codec;

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/// YAML bodies: what PyYAML's safe loader reads, and its safe dumper writes.
///
/// The library parses and prints; which value a node is, is decided here, so that no tag can name a
/// class, and numbers and dates are what Python meant.
final class YamlSerializer implements Serializer {
    /// In characters. The library takes time in proportion to the square of a long word: some
    /// seconds for this, hours for the largest message.
    private static final int LARGEST = 3 << 20;

    @Override
    public String name() {
        return "yaml";
    }

    @Override
    public String contentType() {
        return "application/x-yaml";
    }

    @Override
    public String contentEncoding() {
        return "utf-8";
    }

    @Override
    public byte[] encode(@Nullable Object value) {
        var out = new StringWriter();
        try {
            yaml().serialize(node(value, 0), out);
        } catch (YAMLException e) {
            throw new EncodeException("the value cannot be written as YAML", e);
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable Object decode(byte[] body) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new DecodeException("not YAML: it is not valid UTF-8", e);
        }
        try {
            var node = yaml().compose(new StringReader(text));
            return node == null ? null : new YamlTree(text.length()).value(node);
        } catch (YAMLException | IllegalArgumentException | IndexOutOfBoundsException e) {
            // The scanner meets some malformed escapes only with a number that does not parse.
            throw new DecodeException("not YAML, or beyond the limits", e);
        }
    }

    /// A new one for each body, because it may not be shared by threads.
    private static Yaml yaml() {
        var loading = new LoaderOptions();
        loading.setNestingDepthLimit(Plain.MAX_DEPTH);
        loading.setCodePointLimit(LARGEST);
        loading.setMaxAliasesForCollections(Integer.MAX_VALUE); // bounded by YamlTree
        var dumping = new DumperOptions();
        dumping.setAllowUnicode(false);
        dumping.setWidth(Integer.MAX_VALUE);
        dumping.setSplitLines(false);
        return new Yaml(
                new SafeConstructor(loading),
                new Representer(dumping),
                dumping,
                loading,
                new YamlResolver());
    }

    private static Node node(@Nullable Object value, int depth) {
        return switch (value) {
            case null -> scalar(Tag.NULL, "null");
            case String text -> string(text);
            case Boolean flag -> scalar(Tag.BOOL, flag ? "true" : "false");
            case Long number -> scalar(Tag.INT, number.toString());
            case BigInteger number -> scalar(Tag.INT, number.toString());
            case Double number -> scalar(Tag.FLOAT, floatText(number));
            case OffsetDateTime time -> timestamp(WireTime.format(time));
            case LocalDateTime time -> timestamp(WireTime.format(time));
            case LocalDate date -> timestamp(WireTime.format(date));
            case byte[] bytes ->
                    new ScalarNode(
                            Tag.BINARY,
                            Base64.getEncoder().encodeToString(bytes),
                            null,
                            null,
                            ScalarStyle.DOUBLE_QUOTED);
            case Map<?, ?> map -> {
                Plain.checkDepth(depth);
                var entries = new ArrayList<NodeTuple>(map.size());
                for (var entry : map.entrySet()) {
                    entries.add(
                            new NodeTuple(
                                    string(Plain.key(entry.getKey())),
                                    node(entry.getValue(), depth + 1)));
                }
                yield new MappingNode(Tag.MAP, entries, FlowStyle.FLOW);
            }
            case Collection<?> items -> {
                Plain.checkDepth(depth);
                List<Node> nodes = new ArrayList<>(items.size());
                for (var item : items) {
                    nodes.add(node(item, depth + 1));
                }
                yield new SequenceNode(Tag.SEQ, nodes, FlowStyle.FLOW);
            }
            default -> {
                var plain = Plain.top(value);
                var bare = plain == null ? null : TypedValue.bareText(plain);
                var isWritten = plain instanceof OffsetDateTime || bare == null;
                yield node(isWritten ? plain : bare, depth);
            }
        };
    }

    private static Node scalar(Tag tag, String text) {
        return new ScalarNode(tag, text, null, null, ScalarStyle.PLAIN);
    }

    private static Node string(String text) {
        return new ScalarNode(
                Tag.STR, Surrogates.checked(text), null, null, ScalarStyle.DOUBLE_QUOTED);
    }

    /// With a blank for the T, as PyYAML writes it.
    private static Node timestamp(String text) {
        return scalar(Tag.TIMESTAMP, text.replace('T', ' '));
    }

    private static String floatText(double number) {
        if (Double.isNaN(number)) {
            return ".nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? ".inf" : "-.inf";
        }
        var text = PythonFloat.repr(number);
        return text.contains(".") ? text : text.replace("e", ".0e");
    }
}
