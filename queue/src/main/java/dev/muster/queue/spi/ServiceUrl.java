package dev.muster.queue.spi;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The URL of a broker or a result store, in the forms that Celery knows (celery-wire 10.2):
/// `redis://:secret@host:6379/0`, `amqp://user:secret@host/vhost`, `sqlite:path/queue.db`,
/// `memory:`, and several of them, separated by semicolons, to fail over between.
///
/// [#toString()] masks the password, so a URL can be logged as it is.
///
/// @param scheme in lower case, without colon
/// @param user percent-decoded
/// @param password percent-decoded
/// @param host without the brackets of an IPv6 address
/// @param port -1 when the URL names none
/// @param path what follows the host, or for a URL without `//` what follows the colon;
///   percent-encoded as it was written
/// @param query the parameters after `?`, percent-decoded
/// @param alternates the further URLs of a failover list
public record ServiceUrl(
        String scheme,
        @Nullable String user,
        @Nullable String password,
        String host,
        int port,
        String path,
        Map<String, String> query,
        List<ServiceUrl> alternates) {

    private static final int LONGEST_SHOWN = 200;

    // What was matched once is kept (`++`, `?+`). Tried in all ways, a text with many '@' took
    // time that grew with the cube of its length.
    private static final Pattern HIERARCHICAL =
            Pattern.compile(
                    "(?<scheme>[^:/?#]++)://(?:(?<userinfo>[^/?#]*)@)?+(?<host>\\[[^]]*+]|[^:/?#]*+)(?::(?<port>[^/?#]*+))?+"
                            + "(?<path>[^?#]*+)(?:\\?(?<query>.*))?");
    private static final Pattern OPAQUE =
            Pattern.compile("(?<scheme>[^:/?#]++):(?<path>[^?#]*+)(?:\\?(?<query>.*))?");

    /// A user and a password, where there should be none.
    private static final Pattern OPAQUE_USER = Pattern.compile("[^/:@]*+:[^/@]*+@");

    private static final String ESCAPES =
            "a '/', '@' or ':' inside a user, a password or a path must be written %2F, %40 or %3A";

    public ServiceUrl {
        query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
        alternates = List.copyOf(alternates);
    }

    /// Parses a URL, or several separated by semicolons.
    ///
    /// @throws SettingsException when it is none; the message does not repeat a password
    public static ServiceUrl parse(String text) {
        var urls = Stream.of(text.split(";", -1)).map(ServiceUrl::parseOne).toList();
        var first = urls.getFirst();
        return new ServiceUrl(
                first.scheme,
                first.user,
                first.password,
                first.host,
                first.port,
                first.path,
                first.query,
                urls.subList(1, urls.size()));
    }

    private static ServiceUrl parseOne(String text) {
        var trimmed = text.strip();
        var hierarchical = HIERARCHICAL.matcher(trimmed);
        if (hierarchical.matches()) {
            var userinfo = hierarchical.group("userinfo");
            if (userinfo == null && hierarchical.group("path").contains("@")) {
                throw new SettingsException(ESCAPES);
            }
            var colon = userinfo == null ? -1 : userinfo.indexOf(':');
            var user =
                    userinfo == null ? null : colon < 0 ? userinfo : userinfo.substring(0, colon);
            var password = userinfo == null || colon < 0 ? null : userinfo.substring(colon + 1);
            var host = hierarchical.group("host");
            if (host.startsWith("[") && !host.endsWith("]")) {
                throw new SettingsException(
                        "an address of IPv6 in a URL stands in brackets, such as redis://[::1]:6379/0; one of them is missing");
            }
            return new ServiceUrl(
                    hierarchical.group("scheme").toLowerCase(Locale.ROOT),
                    user == null || user.isEmpty() ? null : decode(user),
                    password == null ? null : decode(password),
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    port(hierarchical),
                    hierarchical.group("path"),
                    query(hierarchical.group("query")),
                    List.of());
        }
        var opaque = OPAQUE.matcher(trimmed);
        if (opaque.matches()) {
            if (OPAQUE_USER.matcher(opaque.group("path")).lookingAt()) {
                throw new SettingsException(ESCAPES);
            }
            return new ServiceUrl(
                    opaque.group("scheme").toLowerCase(Locale.ROOT),
                    null,
                    null,
                    "",
                    -1,
                    opaque.group("path"),
                    query(opaque.group("query")),
                    List.of());
        }
        throw new SettingsException(
                "'%s' is not a URL; write for example redis://localhost:6379/0 or sqlite:queue.db"
                        .formatted(maskText(trimmed)));
    }

    /// What stands for a wrong port is not repeated, and the host only when there is no password:
    /// it may be a part of that.
    private static int port(Matcher url) {
        var text = url.group("port");
        if (text == null || text.isEmpty()) {
            return -1;
        }
        try {
            var port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Answered below, as for a number that is out of range.
        }
        var host = url.group().contains("@") ? "…" : url.group("host");
        throw new SettingsException(
                "%s://%s:… has no number from 0 to 65535 for its port; %s"
                        .formatted(url.group("scheme"), host, ESCAPES));
    }

    private static Map<String, String> query(@Nullable String text) {
        var parameters = new LinkedHashMap<String, String>();
        if (text != null) {
            for (var parameter : text.split("&", -1)) {
                var equals = parameter.indexOf('=');
                if (equals > 0) {
                    parameters.put(
                            decode(parameter.substring(0, equals)),
                            decode(parameter.substring(equals + 1)));
                }
            }
        }
        return parameters;
    }

    /// Decodes percent escapes; a plus sign stays what it is.
    public static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(
                    "a URL has a '%' that is not followed by two hexadecimal digits; write %25", e);
        }
    }

    /// What people may see of a text that is no URL: neither what stands before an '@', but for the
    /// scheme, nor parameters.
    private static String maskText(String text) {
        var at = text.lastIndexOf('@');
        var scheme = text.indexOf("://");
        var start = scheme >= 0 && scheme < at ? scheme + "://".length() : 0;
        var masked = at < 0 ? text : text.substring(0, start) + "**" + text.substring(at);
        var question = masked.indexOf('?');
        var shown = question < 0 ? masked : masked.substring(0, question);
        return shown.length() <= LONGEST_SHOWN ? shown : shown.substring(0, LONGEST_SHOWN) + "…";
    }

    /// The host, or `fallback` when the URL names none.
    public String hostOr(String fallback) {
        return host.isEmpty() ? fallback : host;
    }

    /// The port, or `fallback` when the URL names none.
    public int portOr(int fallback) {
        return port < 0 ? fallback : port;
    }

    /// The password, if the URL has one.
    public Optional<String> secret() {
        return Optional.ofNullable(password);
    }

    /// This URL and its alternates, each alone.
    public List<ServiceUrl> each() {
        var all = new ArrayList<ServiceUrl>();
        all.add(new ServiceUrl(scheme, user, password, host, port, path, query, List.of()));
        all.addAll(alternates);
        return List.copyOf(all);
    }

    /// The URL as people may see it: the password is `**`, parameters are left out.
    @Override
    public String toString() {
        var text = new StringBuilder(scheme).append(':');
        if (!host.isEmpty() || user != null || password != null || path.startsWith("/")) {
            text.append("//");
            if (user != null || password != null) {
                text.append(user == null ? "" : user)
                        .append(password == null ? "" : ":**")
                        .append('@');
            }
            text.append(host.contains(":") ? "[" + host + "]" : host);
            text.append(port < 0 ? "" : ":" + port);
        }
        text.append(path);
        return Stream.concat(
                        Stream.of(text.toString()), alternates.stream().map(ServiceUrl::toString))
                .collect(Collectors.joining(";"));
    }
}
