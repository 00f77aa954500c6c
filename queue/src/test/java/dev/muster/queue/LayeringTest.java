package dev.muster.queue;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The order of the packages, which no module descriptor keeps (docs/decisions/0001).
class LayeringTest {
    private static final String ROOT = "dev.muster.queue";

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(ROOT);

    /// A package and what of ours it may use besides itself. Brokers are not among them: they are
    /// found by the scheme of their URL.
    record Layer(String name, List<String> mayUse) {
        static Layer of(String name, String... mayUse) {
            return new Layer(name, List.of(mayUse));
        }

        String[] allowed() {
            return Stream.concat(Stream.of(name), mayUse.stream()).toArray(String[]::new);
        }
    }

    static List<Layer> layers() {
        var spi = ROOT + ".spi";
        var codec = ROOT + ".codec";
        var message = ROOT + ".message";
        var control = ROOT + ".control";
        var events = ROOT + ".events";
        var schedule = ROOT + ".schedule";
        return List.of(
                Layer.of(spi),
                Layer.of(codec, spi),
                Layer.of(message, codec, spi),
                Layer.of(events, codec, spi),
                Layer.of(control, events, codec, spi),
                Layer.of(ROOT + ".memory", codec, spi),
                Layer.of(ROOT + ".rpc", codec, spi),
                Layer.of(schedule, codec, spi),
                Layer.of(ROOT + ".graph", spi),
                Layer.of(
                        ROOT,
                        message,
                        schedule,
                        control,
                        events,
                        codec,
                        spi,
                        ROOT + ".graph",
                        "dev.muster.parallel.."));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aPackageUsesOnlyThoseBelowIt(Layer layer) {
        noClasses()
                .that(resideInAPackage(layer.name()))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.muster..")
                                .and(not(resideInAnyPackage(layer.allowed()))))
                .check(CLASSES);
    }

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        var packages = CLASSES.stream().map(JavaClass::getPackageName).distinct();

        assertThat(packages)
                .containsExactlyInAnyOrderElementsOf(layers().stream().map(Layer::name).toList());
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().assignedFrom(new ByPackage()).should().beFreeOfCycles().check(CLASSES);
    }

    /// One slice per package, the root package being one as well.
    private static final class ByPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            JavaPackage place = type.getPackage();
            return place.getName().startsWith(ROOT)
                    ? SliceIdentifier.of(place.getName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "the packages of " + ROOT;
        }
    }
}
