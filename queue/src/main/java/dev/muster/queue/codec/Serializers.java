package dev.muster.queue.codec;

import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    private final SignedSerializer signed;
    private final Set<String> accepted;
    private final Set<String> acceptedEvents;
    private final Serializer forTasks;
    private final Serializer forEvents;
    private final long maxBytes;

    /// @throws SettingsException when a setting names a format that does not exist here
    public Serializers(Settings settings) {
        this(settings, InstantSource.system());
    }

    /// @param clock by which the certificates of signers are valid
    /// @throws SettingsException when a setting names a format that does not exist here, or files
    ///   for signing that cannot be used
    public Serializers(Settings settings, InstantSource clock) {
        var json = new JsonSerializer(new Json(settings.get(Setting.JSON_TYPED_VALUES)));
        signed = new SignedSerializer(json, settings, clock);
        all = List.of(json, new MsgpackSerializer(), new YamlSerializer(), signed);
        maxBytes = settings.get(Setting.MESSAGE_MAX_BYTES);
        forTasks = writing(settings, Setting.TASK_SERIALIZER);
        forEvents = writing(settings, Setting.EVENT_SERIALIZER);
        accepted = reading(accepted(settings));
        acceptedEvents = reading(List.of(json.name(), forEvents.name()));
    }

    private Serializer writing(Settings settings, Setting<String> setting) {
        var found = find(settings.get(setting), setting);
        if (found == signed) {
            signed.requireSigner(setting);
        }
        return found;
    }

    /// There is no point in signing what nobody verifies: who signs reads what is signed, unless
    /// something else is said.
    private List<String> accepted(Settings settings) {
        return forTasks == signed && !settings.isSet(Setting.ACCEPT_CONTENT)
                ? List.of(signed.name())
                : settings.get(Setting.ACCEPT_CONTENT);
    }

    private Set<String> reading(List<String> names) {
        var types = new HashSet<String>();
        for (var name : names) {
            if (name.equals(signed.name()) && types.add(signed.contentType())) {
                signed.requireStore(Setting.ACCEPT_CONTENT);
            } else if (!ALWAYS_READ.contains(name)) {
                types.add(find(name, Setting.ACCEPT_CONTENT).contentType());
            }
        }
        return Set.copyOf(types);
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
                "setting %s: there is no serializer '%s'; use json, msgpack, yaml or auth"
                        .formatted(setting, name));
    }

    /// Commands to workers and their answers are written as tasks are, as Celery does.
    public Message message(Object content, Map<String, ? extends @Nullable Object> headers) {
        return message(forTasks, content, headers);
    }

    /// An event, or a list of them, as `event_serializer` says.
    public Message eventMessage(
            @Nullable Object content, Map<String, ? extends @Nullable Object> headers) {
        return message(forEvents, content, headers);
    }

    /// Transient, so that it is no error when nobody listens.
    private static Message message(
            Serializer serializer,
            @Nullable Object content,
            Map<String, ? extends @Nullable Object> headers) {
        return new Message(
                serializer.encode(content),
                serializer.contentType(),
                serializer.contentEncoding(),
                new LinkedHashMap<>(headers),
                new Message.Properties(null, null, false, 0, null));
    }

    /// Reads the body of a message, if `accept_content` names its type, into a plain tree:
    /// `text/plain` as a string, `application/data` as bytes or, where signed content is read, as
    /// that.
    ///
    /// @throws ContentRefusedException when the type is not accepted
    /// @throws DecodeException when the body is not of the type, larger than `message_max_bytes`,
    ///   or not signed as it must be
    public @Nullable Object read(Message message) {
        return read(message, accepted);
    }

    /// Reads a message with events: in JSON, or as `event_serializer` says.
    ///
    /// @throws DecodeException as [#read(Message)]
    public @Nullable Object readEvents(Message message) {
        return read(message, acceptedEvents);
    }

    private @Nullable Object read(Message message, Set<String> types) {
        if (message.body().length > maxBytes) {
            throw new DecodeException(
                    "the body has %d bytes, more than message_max_bytes allows (%d)"
                            .formatted(message.body().length, maxBytes));
        }
        var compression = message.headers().get("compression");
        var body =
                compression == null
                        ? message.body()
                        : Compression.byHeader(compression.toString())
                                .decompress(message.body(), maxBytes);
        if (message.contentType() == null) {
            throw new DecodeException("the property content-type is missing");
        }
        return decode(message.contentType(), message.contentEncoding(), body, types);
    }

    /// Parameters of the type, such as `; charset=utf-8`, are ignored. The encoding is that of
    /// `text/plain`, UTF-8 when missing.
    private @Nullable Object decode(
            String contentType, @Nullable String contentEncoding, byte[] body, Set<String> types) {
        var type = withoutParameters(contentType);
        for (var serializer : all) {
            if (serializer.contentType().equals(type) && types.contains(type)) {
                return serializer.decode(body);
            }
        }
        return switch (type) {
            case RAW -> body;
            case TEXT -> text(contentEncoding, body);
            default -> throw refusal(contentType, type);
        };
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
                        : "content type %s is refused: it is unknown here; setting accept_content can name json, msgpack, yaml and auth"
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
