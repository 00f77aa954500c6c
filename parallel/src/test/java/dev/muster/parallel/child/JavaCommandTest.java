package dev.muster.parallel.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JavaCommandTest {
    @Test
    void childrenGetTheOptionsWithoutWhichTheProgramWouldNotRun() {
        assertThat(
                        JavaCommand.inherited(
                                List.of(
                                        "-Xmx4g",
                                        "-ea",
                                        "-Dname=value",
                                        "-XX:+UseZGC",
                                        "--add-opens",
                                        "java.base/java.lang=ALL-UNNAMED",
                                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                                        "-agentlib:jdwp=transport=dt_socket",
                                        "-cp",
                                        "-Dfolder-of-a-strange-name",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "com.example.Main",
                                        "-Dof-the-program")))
                .containsExactly(
                        "-ea",
                        "-Dname=value",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED");
        assertThat(JavaCommand.inherited(List.of("-Da=1", "-jar", "-Dx.jar")))
                .containsExactly("-Da=1");
    }
}
