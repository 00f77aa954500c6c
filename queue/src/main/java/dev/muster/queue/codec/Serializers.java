package dev.muster.queue.codec;

import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The formats of message bodies that an application writes and reads, by its settings. Immutable
/// and thread-safe.
///
/// Read are the formats that `accept_content` names, and plain text and raw bytes, which hold no
/// structure that could do harm. Pickle is not among them and cannot be: to read it is to run it.
public final class Serializers {
    private static final String PICKLE = "application/x-python-serialize";
    private static final String TEXT = "text/plain";
    private static final String RAW = "application/data";

    /// Types without a serializer of ours that `accept_content` may name: Python's settings do.
    private static final Set<String> ALWAYS_READ = Set.of("text", "raw", TEXT, RAW);

    private final List<Serializer> all;
    private final Set<String> accepted = new HashSet<>();
    private final Serializer forTasks;

    /// @throws SettingsException when a setting names a format that does not exist here
    public Serializers(Settings settings) {
        all =
                List.of(
                        new JsonSerializer(new Json(settings.get(Setting.JSON_TYPED_VALUES))),
                        new MsgpackSerializer(),
                        new YamlSerializer());
        for (var name : settings.get(Setting.ACCEPT_CONTENT)) {
            if (!ALWAYS_READ.contains(name)) {
                accepted.add(find(name, Setting.ACCEPT_CONTENT).contentType());
            }
        }
        forTasks = find(settings.get(Setting.TASK_SERIALIZER), Setting.TASK_SERIALIZER);
    }

    /// The one that `task_serializer` names.
    public Serializer forTasks() {
        return forTasks;
    }

    /// By name or by content type, whether bodies in it are accepted or not.
    ///
    /// @throws SettingsException when there is none
    public Serializer byName(String name) {
        return find(name, Setting.TASK_SERIALIZER);
    }

    private Serializer find(String name, Setting<?> setting) {
        for (var serializer : all) {
            if (serializer.name().equals(name) || serializer.contentType().equals(name)) {
                return serializer;
            }
        }
        if (name.equals("pickle") || name.equals(PICKLE)) {
            throw new SettingsException(
                    "setting %s: pickle is not supported, because reading it can execute anything; use json"
                            .formatted(setting));
        }
        throw new SettingsException(
                "setting %s: there is no serializer '%s'; use json, msgpack or yaml"
                        .formatted(setting, name));
    }

    /// Reads a body into a plain tree: `text/plain` as a string, `application/data` as bytes.
    ///
    /// @param contentType parameters, such as `; charset=utf-8`, are ignored
    /// @param contentEncoding the charset of `text/plain`; UTF-8 when missing
    /// @throws ContentRefusedException when the type is not accepted
    /// @throws DecodeException when the body is not of the type, or the type is missing
    public @Nullable Object decode(
            @Nullable String contentType, @Nullable String contentEncoding, byte[] body) {
        if (contentType == null) {
            throw new DecodeException("a message without content type");
        }
        var type = withoutParameters(contentType);
        for (var serializer : all) {
            if (serializer.contentType().equals(type) && accepted.contains(type)) {
                return serializer.decode(body);
            }
        }
        return switch (type) {
            case RAW -> body;
            case TEXT -> text(contentEncoding, body);
            default -> throw refusal(contentType, type);
        };
    }

    /// Reads the body of a message, as [#decode(String, String, byte\[\])].
    public @Nullable Object decode(Message message) {
        return decode(message.contentType(), message.contentEncoding(), message.body());
    }

    private static String withoutParameters(String contentType) {
        var end = contentType.indexOf(';');
        return end < 0 ? contentType : contentType.substring(0, end).strip();
    }

    private ContentRefusedException refusal(String contentType, String type) {
        var shown = Scalars.shorten(contentType);
        if (type.equals(PICKLE)) {
            return new ContentRefusedException(
                    contentType,
                    "content type %s (pickle) is refused: reading it can execute anything; let the sender use task_serializer='json'"
                            .formatted(shown));
        }
        var isKnown = all.stream().anyMatch(serializer -> serializer.contentType().equals(type));
        return new ContentRefusedException(
                contentType,
                isKnown
                        ? "content type %s is refused: setting accept_content does not name it"
                                .formatted(shown)
                        : "content type %s is refused: it is unknown here; setting accept_content can name json, msgpack and yaml"
                                .formatted(shown));
    }

    private static Object text(@Nullable String contentEncoding, byte[] body) {
        var name = contentEncoding == null ? "utf-8" : contentEncoding.toLowerCase(Locale.ROOT);
        if (name.equals("binary")) {
            return body;
        }
        try {
            return charset(name).newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw new DecodeException("text that is not valid " + Scalars.shorten(name), e);
        }
    }

    private static Charset charset(String name) {
        return switch (name) {
            case "utf-8", "utf8" -> StandardCharsets.UTF_8;
            case "us-ascii", "ascii" -> StandardCharsets.US_ASCII;
            case "iso-8859-1", "latin-1", "latin1" -> StandardCharsets.ISO_8859_1;
            default ->
                    throw new DecodeException(
                            "text in the unknown encoding '%s'".formatted(Scalars.shorten(name)));
        };
    }
}
