package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.impl.AMQImpl;
import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.spi.BrokerException;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Content headers as RabbitMQ passes them on: what a sender has put into the properties of a
/// message.
class AmqpFuzzTest {
    private static final int FLAGS = 12;
    private static final byte[] BODY = {1, 2, 3};

    private static byte[] frame(BasicProperties properties) throws IOException {
        return properties.toFrame(1, BODY.length).getPayload();
    }

    @SuppressWarnings("JavaUtilDate") // what the client library takes
    private static BasicProperties properties() {
        var headers = new LinkedHashMap<String, Object>();
        headers.put("lang", "py");
        headers.put("retries", 3);
        headers.put("big", 1L << 40);
        headers.put("price", new BigDecimal("12.50"));
        headers.put("time", new Date(1_773_410_000_000L));
        headers.put("flags", List.of(true, false, 1.5, (short) 2, (byte) 3, 2.5f));
        headers.put("bytes", new byte[] {1, 2});
        headers.put("nested", Map.of("a", List.of(Map.of("b", "c"))));
        headers.put("nothing", null);
        return new BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding("utf-8")
                .headers(headers)
                .deliveryMode(2)
                .priority(5)
                .correlationId("id")
                .replyTo("queue")
                .expiration("1000")
                .messageId("m")
                .timestamp(new Date(1_773_410_000_000L))
                .type("t")
                .userId("u")
                .appId("a")
                .build();
    }

    /// A broker sees to it that the frame is well formed, but for what is in the table of headers.
    @FuzzTest
    void contentHeaders() throws IOException {
        var whole = frame(properties());
        Fuzzer.of("content headers of AMQP")
                .seeds(
                        Arrays.copyOfRange(whole, FLAGS, whole.length),
                        Arrays.copyOfRange(
                                frame(new BasicProperties.Builder().build()), FLAGS, FLAGS + 2))
                .refusing(IOException.class)
                .run(input -> read(whole, input));
    }

    private static void read(byte[] whole, byte[] input) throws IOException {
        var payload = Arrays.copyOf(whole, FLAGS + input.length);
        System.arraycopy(input, 0, payload, FLAGS, input.length);
        var mended = HeaderFrame.mend(payload).orElse(payload);
        var header =
                AMQImpl.readContentHeaderFrom(
                        new DataInputStream(new ByteArrayInputStream(mended)));
        var message = MessageProperties.read((BasicProperties) header, BODY);
        try {
            MessageProperties.write(message);
        } catch (BrokerException _) {
            // A name that is too long to be sent on.
        }
    }
}
