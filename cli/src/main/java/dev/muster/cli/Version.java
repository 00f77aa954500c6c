package dev.muster.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote down.
final class Version implements IVersionProvider {
    static String current() {
        var properties = new Properties();
        try (var input = Version.class.getResourceAsStream("version.properties")) {
            properties.load(input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    /// As `muster --version` prints it.
    static String line() {
        return "muster " + current();
    }

    @Override
    public String[] getVersion() {
        return new String[] {line()};
    }
}
