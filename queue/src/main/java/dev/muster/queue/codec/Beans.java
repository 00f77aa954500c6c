package dev.muster.queue.codec;

import dev.muster.queue.codec.Scalars.Scalar;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.util.TokenBuffer;

/// Records and other classes, by way of Jackson's object mapper; its annotations work on them.
///
/// The tree passes through a buffer of tokens, in which typed values travel as objects. For single
/// values the mapper is given the rules of [Scalars], so that a number inside a record fits the
/// same types as one outside.
final class Beans {
    private static final List<Class<?>> EMBEDDED =
            List.of(
                    Instant.class,
                    OffsetDateTime.class,
                    ZonedDateTime.class,
                    LocalDateTime.class,
                    LocalDate.class,
                    LocalTime.class,
                    OffsetTime.class,
                    Duration.class,
                    Date.class,
                    UUID.class,
                    BigDecimal.class,
                    byte[].class,
                    Float.class,
                    float.class);

    private Beans() {}

    /// Created when it is first needed: it costs a good part of a short program's run.
    private static final class Holder {
        private static final JsonMapper MAPPER = createMapper();
    }

    static @Nullable Object toPlain(Object bean) {
        try (var buffer = TokenBuffer.forGeneration()) {
            Holder.MAPPER.writeValue(buffer, bean);
            try (var parser = buffer.asParser()) {
                parser.nextToken();
                var plain = JsonReader.value(parser, false);
                if (plain instanceof Map && isNoData(bean.getClass())) {
                    throw new EncodeException(
                            "an object of type %s is no data; use a record, a collection or a simple value"
                                    .formatted(bean.getClass().getName()));
                }
                return plain;
            }
        } catch (JacksonException e) {
            throw new EncodeException(
                    "an object of type %s cannot be written as data: %s"
                            .formatted(bean.getClass().getName(), reason(e)),
                    e);
        }
    }

    /// Lambdas, and classes of the JDK that have no written form of their own, such as threads and
    /// streams: their getters tell of their insides.
    private static boolean isNoData(Class<?> type) {
        var isOfTheJdk =
                ClassLoader.getPlatformClassLoader().equals(type.getClassLoader())
                        || type.getClassLoader() == null;
        return type.isHidden() || (isOfTheJdk && !Map.Entry.class.isAssignableFrom(type));
    }

    /// Without the hint at a setting of the mapper, which nobody can reach here.
    private static String reason(JacksonException failure) {
        var reason = failure.getOriginalMessage();
        var hint = reason.indexOf(" (to avoid exception");
        return hint < 0 ? reason : reason.substring(0, hint);
    }

    static @Nullable Object fromPlain(Object plain, Type target) {
        var mapper = Holder.MAPPER;
        try (var buffer = TokenBuffer.forGeneration()) {
            write(buffer, plain);
            return mapper.readValue(buffer, mapper.constructType(target));
        } catch (JacksonException e) {
            var mismatch = new Converter.Mismatch(detail(e, plain, target), e);
            for (var step : e.getPath().reversed()) {
                mismatch.within(
                        step.getPropertyName() == null
                                ? "[" + step.getIndex() + "]"
                                : "." + step.getPropertyName());
            }
            throw mismatch;
        }
    }

    private static String detail(JacksonException e, Object plain, Type target) {
        if (e instanceof NoFit) {
            return e.getOriginalMessage();
        }
        return e.getPath().isEmpty()
                ? "expected %s, found %s (%s)"
                        .formatted(
                                target.getTypeName(),
                                Scalars.describe(plain),
                                e.getOriginalMessage())
                : e.getOriginalMessage();
    }

    private static void write(JsonGenerator buffer, @Nullable Object value) {
        switch (value) {
            case null -> buffer.writeNull();
            case String text -> buffer.writeString(text);
            case Boolean flag -> buffer.writeBoolean(flag);
            case Long number -> buffer.writeNumber(number);
            case Double number -> buffer.writeNumber(number);
            case Map<?, ?> map -> {
                buffer.writeStartObject();
                for (var entry : map.entrySet()) {
                    buffer.writeName(Plain.key(entry.getKey()));
                    write(buffer, entry.getValue());
                }
                buffer.writeEndObject();
            }
            case Collection<?> items -> {
                buffer.writeStartArray();
                for (var item : items) {
                    write(buffer, item);
                }
                buffer.writeEndArray();
            }
            default -> buffer.writeEmbeddedObject(value);
        }
    }

    private static JsonMapper createMapper() {
        var scalars = new SimpleModule("scalars");
        for (var scalar : Scalars.all()) {
            addDeserializer(scalars, scalar.type(), scalar);
        }
        for (var type : EMBEDDED) {
            scalars.addSerializer(new Embedder(type));
        }
        return JsonMapper.builder()
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(EnumFeature.READ_ENUMS_USING_TO_STRING)
                .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .addModule(scalars)
                .build();
    }

    @SuppressWarnings("unchecked") // a scalar's reader gives values of its type
    private static <T> void addDeserializer(SimpleModule module, Class<T> type, Scalar scalar) {
        module.addDeserializer(
                type, (StdDeserializer<T>) (StdDeserializer<?>) new ByScalar(scalar));
    }

    /// Reads a single value by the rules of [Scalars].
    private static final class ByScalar extends StdDeserializer<Object> {
        private final transient Scalar scalar;

        private ByScalar(Scalar scalar) {
            super(scalar.type());
            this.scalar = scalar;
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) {
            var value =
                    switch (parser.currentToken()) {
                        case START_OBJECT, PROPERTY_NAME -> Map.of();
                        case START_ARRAY -> List.of();
                        default -> JsonReader.value(parser, false);
                    };
            var result = value == null ? null : scalar.read(value);
            if (result == null) {
                throw new NoFit(parser, scalar, value);
            }
            return result;
        }

        @Override
        public @Nullable Object getNullValue(DeserializationContext context) {
            if (scalar.type().isPrimitive()) {
                throw new NoFit(context.getParser(), scalar, null);
            }
            return null;
        }
    }

    /// Its message is written by us and needs nothing added.
    private static final class NoFit extends MismatchedInputException {
        private NoFit(JsonParser parser, Scalar scalar, @Nullable Object found) {
            super(
                    parser,
                    "expected %s, found %s".formatted(scalar.expected(), Scalars.describe(found)),
                    scalar.type());
        }
    }

    /// Leaves a single value as the object it is.
    private static final class Embedder extends StdSerializer<Object> {
        private Embedder(Class<?> type) {
            super(type);
        }

        @Override
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            generator.writeEmbeddedObject(value);
        }

        @Override
        public void serializeWithType(
                Object value,
                JsonGenerator generator,
                SerializationContext context,
                TypeSerializer type) {
            serialize(value, generator, context);
        }
    }
}
