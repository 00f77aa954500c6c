package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceUrlTest {
    @Test
    void readsEveryPart() {
        var url =
                ServiceUrl.parse(
                        "rediss://us%40er:p%3Aw%2F@host:6380/3?ssl_cert_reqs=none&a=b%20c");

        assertThat(url.scheme()).isEqualTo("rediss");
        assertThat(url.user()).isEqualTo("us@er");
        assertThat(url.password()).isEqualTo("p:w/");
        assertThat(url.host()).isEqualTo("host");
        assertThat(url.port()).isEqualTo(6380);
        assertThat(url.path()).isEqualTo("/3");
        assertThat(url.query()).isEqualTo(Map.of("ssl_cert_reqs", "none", "a", "b c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    amqp://guest@localhost//     | localhost | //
                    amqp://localhost/            | localhost | /
                    amqp://localhost             | localhost | ''
                    redis://[::1]:6379/0         | ::1       | /0
                    redis+socket:///tmp/r.sock   | ''        | /tmp/r.sock
                    sqlite:.muster/queue.db      | ''        | .muster/queue.db
                    sqlite:/var/q.db             | ''        | /var/q.db
                    memory:                      | ''        | ''
                    memory://                    | ''        | ''
                    """)
    void readsTheFormsThatCeleryKnows(String text, String host, String path) {
        var url = ServiceUrl.parse(text);

        assertThat(url.host()).isEqualTo(host);
        assertThat(url.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({
        "redis://:secret@host:6379/0, redis://:**@host:6379/0",
        "amqp://me:secret@a;amqp://me:secret@b, amqp://me:**@a;amqp://me:**@b",
        "postgresql://me@h/db?password=secret, postgresql://me@h/db",
        "sqlite:queue.db, sqlite:queue.db",
        "redis://[::1]:6379/0, redis://[::1]:6379/0"
    })
    void neverShowsAPassword(String text, String shown) {
        assertThat(ServiceUrl.parse(text)).hasToString(shown);
    }

    @Test
    void aListHasItsAlternates() {
        var url = ServiceUrl.parse("amqp://a:1;amqp://b:2; amqp://c:3");

        assertThat(url.each()).extracting(ServiceUrl::host).containsExactly("a", "b", "c");
    }

    /// Found by a fuzzer: it was tried in all ways.
    @Test
    @Timeout(30)
    void aLongTextWithManySignsIsReadInOneGo() {
        assertThatThrownBy(() -> ServiceUrl.parse("secret://:oo@" + " 0@".repeat(20_000) + "#"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("'secret://**@#' is not a URL")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "redis://host:port/0",
                "redis://me:se/cret@host/0",
                "redis://:a@cret:se/x@host/0",
                "redis://me:secret@[::1/0",
                "redis://:sec/cret#x@host/0",
                "redis://:a:cret#x@host/0",
                "redis://me:12/cret@host/0",
                "redis:me:cret@host",
                "redis//:cret#@host?x=a://b",
                "postgresql://h/db#x?password=cret",
                "redis://h/%zz%"
            })
    void whatIsNoUrlIsRefusedWithoutItsPassword(String text) {
        assertThatThrownBy(
                        () -> {
                            var url = ServiceUrl.parse(text);
                            ServiceUrl.decode(url.path());
                        })
                .isInstanceOf(SettingsException.class)
                .hasMessageNotContaining("cret");
    }

    @Test
    void aWrongPortIsToldWithItsHost() {
        assertThatThrownBy(() -> ServiceUrl.parse("redis://example:70000/0"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("redis://example:… has no number from 0 to 65535");
    }
}
