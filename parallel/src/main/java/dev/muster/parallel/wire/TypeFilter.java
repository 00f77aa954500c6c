package dev.muster.parallel.wire;

import java.io.ObjectInputFilter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which classes may be made of bytes that come from elsewhere.
///
/// Plain data of the JDK is always allowed: numbers, texts, collections, times, exceptions. Other
/// classes of the JDK never are, as some of them do things when they are made. The rest is up to
/// the program: all of its own classes, or those that it names.
///
/// @param patterns as `java.io.ObjectInputFilter.Config` has them, only with `*` for all classes of
///   a package, `**` for those below it as well: `com.example.Order`, `com.example.*`. Empty for
///   nothing besides data of the JDK
public record TypeFilter(List<String> patterns) implements ObjectInputFilter {
    /// All classes of the program and its libraries. For processes that belong together.
    public static final TypeFilter PROGRAM = new TypeFilter(List.of("**"));

    /// Data of the JDK only.
    public static final TypeFilter DATA = new TypeFilter(List.of());

    /// How deeply objects may be nested, so that nobody can exhaust the stack.
    private static final int MAX_DEPTH = 2_000;

    private static final Set<String> DATA_PACKAGES =
            Set.of(
                    "java.lang",
                    "java.math",
                    "java.nio.charset",
                    "java.nio.file",
                    "java.sql",
                    "java.text",
                    "java.time",
                    "java.time.chrono",
                    "java.time.format",
                    "java.time.temporal",
                    "java.time.zone",
                    "java.util",
                    "java.util.concurrent",
                    "java.util.concurrent.atomic",
                    "java.util.concurrent.locks",
                    "java.util.regex",
                    "java.util.zip",
                    "sun.util.calendar");

    private static final Set<String> DATA_CLASSES =
            Set.of(
                    "java.io.File",
                    "java.lang.invoke.SerializedLambda",
                    "java.net.Inet4Address",
                    "java.net.Inet6Address",
                    "java.net.InetAddress",
                    "java.net.InetSocketAddress",
                    "java.net.SocketAddress",
                    "java.net.URI");

    public TypeFilter {
        patterns = List.copyOf(patterns);
        for (var pattern : patterns) {
            var name = pattern.replaceFirst("(^|\\.)\\*{1,2}$", "");
            if (pattern.isEmpty() || name.contains("*")) {
                throw new IllegalArgumentException(
                        "a class is allowed by com.example.Order, com.example.* or com.example.**, not by '%s'"
                                .formatted(pattern));
            }
        }
    }

    /// Allows lambdas and method references of the classes that it allows.
    @Override
    public Status checkInput(FilterInfo info) {
        if (info.depth() > MAX_DEPTH) {
            return Status.REJECTED;
        }
        var type = element(info.serialClass());
        if (type == null || type.isPrimitive()) {
            return Status.UNDECIDED;
        }
        return allows(type) ? Status.ALLOWED : Status.REJECTED;
    }

    private static @Nullable Class<?> element(@Nullable Class<?> type) {
        var element = type;
        while (element != null && element.isArray()) {
            element = element.getComponentType();
        }
        return element;
    }

    private boolean allows(Class<?> type) {
        if (isOfTheJdk(type)) {
            return DATA_PACKAGES.contains(type.getPackageName())
                    || DATA_CLASSES.contains(type.getName())
                    || Throwable.class.isAssignableFrom(type);
        }
        return patterns.stream().anyMatch(pattern -> matches(pattern, type));
    }

    private static boolean isOfTheJdk(Class<?> type) {
        return type.getClassLoader() == null
                || type.getClassLoader().equals(ClassLoader.getPlatformClassLoader());
    }

    private static boolean matches(String pattern, Class<?> type) {
        if (pattern.equals("**")) {
            return true;
        }
        var name = owner(type.getName());
        if (pattern.endsWith(".**")) {
            return name.startsWith(pattern.substring(0, pattern.length() - 2));
        }
        if (pattern.equals("*") || pattern.endsWith(".*")) {
            var named = pattern.substring(0, Math.max(0, pattern.length() - 2));
            return type.getPackageName().equals(named);
        }
        return name.equals(pattern);
    }

    /// The class of a lambda is named after the one that it stands in.
    private static String owner(String name) {
        var end = name.indexOf("$$Lambda");
        return end < 0 ? name : name.substring(0, end);
    }
}
