/// Bytes and values: what is written into a message or a result, and how it is read again.
///
/// Everything here meets in the _plain tree_: `null`, `Boolean`, `Long` (or `BigInteger`),
/// `Double`, `String`, `List`, `Map` with string keys, and the typed values `OffsetDateTime`,
/// `LocalDateTime`, `LocalDate`, `LocalTime`, `OffsetTime`, `BigDecimal`, `UUID` and `byte[]`.
/// [dev.muster.queue.codec.Serializers] turns bytes into it, [dev.muster.queue.codec.Json] converts
/// it to Java types and back. The formats are those of kombu, byte for byte where a Python peer
/// compares them. No class is ever loaded because a message names it.
@NullMarked
package dev.muster.queue.codec;

import org.jspecify.annotations.NullMarked;
