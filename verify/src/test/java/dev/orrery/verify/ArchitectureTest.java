package dev.orrery.verify;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The arrow rule and the shape of the house; see docs/adr/0002-house.md.
class ArchitectureTest {

    private static final String[] ENV = {"dev.orrery.env.."},
            TENSOR = {"dev.orrery.tensor.."},
            BLOCKS = {"dev.orrery.nn..", "dev.orrery.optim..", "dev.orrery.checkpoint.."},
            DATA = {"dev.orrery.data..", "dev.orrery.llm.."},
            PARTS =
                    {
                        "dev.orrery.lm..",
                        "dev.orrery.vlm..",
                        "dev.orrery.vision..",
                        "dev.orrery.audio..",
                        "dev.orrery.fidelity..",
                        "dev.orrery.flow..",
                        "dev.orrery.worldmodel..",
                        "dev.orrery.spacetime..",
                        "dev.orrery.replay..",
                        "dev.orrery.quantize..",
                        "dev.orrery.policy..",
                        "dev.orrery.rl..",
                        "dev.orrery.adapter..",
                        "dev.orrery.geometry..",
                        "dev.orrery.evolution.."
                    };

    private static JavaClasses house;

    @BeforeAll
    static void readClasses() {
        house =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("dev.orrery");
    }

    @Test
    void importsPointDownOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.orrery..")
                .layer("env")
                .definedBy(ENV)
                .layer("tensor")
                .definedBy(TENSOR)
                .optionalLayer("blocks")
                .definedBy(BLOCKS)
                .optionalLayer("data")
                .definedBy(DATA)
                .optionalLayer("parts")
                .definedBy(PARTS)
                .layer("run")
                .definedBy("dev.orrery.run..")
                .optionalLayer("systems")
                .definedBy("dev.orrery.system..")
                .layer("catalog")
                .definedBy("dev.orrery.catalog..")
                .optionalLayer("studio")
                .definedBy("dev.orrery.studio..")
                .optionalLayer("serve")
                .definedBy("dev.orrery.serve..")
                .optionalLayer("bench")
                .definedBy("dev.orrery.bench..")
                .layer("cli")
                .definedBy("dev.orrery.cli..")
                .ensureAllClassesAreContainedInArchitecture()
                .whereLayer("env")
                .mayNotAccessAnyLayer()
                .whereLayer("tensor")
                .mayNotAccessAnyLayer()
                .whereLayer("blocks")
                .mayOnlyAccessLayers("tensor")
                .whereLayer("data")
                .mayOnlyAccessLayers("env")
                .whereLayer("parts")
                .mayOnlyAccessLayers("blocks", "data", "tensor", "env")
                .whereLayer("run")
                .mayOnlyAccessLayers("blocks", "data", "tensor", "env")
                .whereLayer("systems")
                .mayOnlyAccessLayers("parts", "run", "blocks", "data", "tensor", "env")
                .whereLayer("catalog")
                .mayOnlyAccessLayers("systems", "parts", "run", "blocks", "data", "tensor", "env")
                .whereLayer("studio")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("serve")
                .mayOnlyAccessLayers("parts", "run", "data", "env")
                .whereLayer("serve")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("bench")
                .mayOnlyAccessLayers("parts", "blocks", "tensor")
                .whereLayer("bench")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .check(house);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.orrery.(**)").should().beFreeOfCycles().check(house);
    }

    @Test
    void systemsDoNotSeeEachOther() {
        slices().matching("dev.orrery.system.(*)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void onlyTheCatalogAndTheApplicationNameSystems() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.orrery.system..",
                        "dev.orrery.catalog..",
                        "dev.orrery.cli..",
                        "dev.orrery.studio..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.orrery.system..")
                .check(house);
    }

    @Test
    void environmentsNeedOnlyTheJdk() {
        classes()
                .that()
                .resideInAnyPackage(ENV)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.orrery.env..", "java..", "javax..", "org.w3c.dom..", "org.jspecify..")
                .check(house);
    }

    @Test
    void nativeLibrariesAreTouchedInOnePlaceEach() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.orrery.tensor..", "dev.orrery.data.media..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(house);
        noClasses()
                .that()
                .resideInAPackage("dev.orrery.tensor..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco.javacv..", "org.bytedeco.ffmpeg..")
                .check(house);
        noClasses()
                .that()
                .resideInAPackage("dev.orrery.data.media..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco.pytorch..", "org.bytedeco.openblas..")
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void tensorsShowNoNativeTypes() {
        classes()
                .that()
                .resideInAPackage("dev.orrery.tensor..")
                .and()
                .arePublic()
                .should(new HidesNativeTypes())
                .check(house);
    }

    @Test
    void sparkStaysInTheCluster() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.orrery.cluster..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.spark..")
                .check(house);
    }

    @Test
    void onlyTheCommandLineTouchesTheStandardStreams() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.orrery.cli..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(house);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.orrery.cli..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(house);
    }

    @Test
    void namesSayWhatAThingDoes() {
        noClasses().should().haveNameMatching(".*(Manager|Utils?|Helper|Impl)").check(house);
    }

    @Test
    void nothingRandomIsShared() {
        fields().that()
                .areStatic()
                .should()
                .notHaveRawType(are(assignableToRandom()))
                .allowEmptyShould(true)
                .check(house);
        noClasses().should().callMethod(Math.class, "random").check(house);
        noClasses().should().dependOnClassesThat().areAssignableTo(Random.class).check(house);
    }

    @Test
    void mathematicsHasNoClock() {
        noClasses()
                .that(
                        resideInAnyPackage(PARTS)
                                .or(resideInAnyPackage("dev.orrery.nn..", "dev.orrery.optim..")))
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .allowEmptyShould(true)
                .check(house);
    }

    /// Every system is one package of the same shape.
    @TestFactory
    java.util.stream.Stream<DynamicTest> eachSystemHasItsConfigRecipeAndClaim() {
        var systems =
                house.that(resideInAPackage("dev.orrery.system..")).stream()
                        .collect(Collectors.groupingBy(JavaClass::getPackageName));
        return systems.entrySet().stream()
                .map(system ->
                        DynamicTest.dynamicTest(
                                system.getKey(), () -> hasTheShape(system.getValue())));
    }

    private static void hasTheShape(java.util.List<JavaClass> classes) {
        assertThat(classes)
                .anyMatch(
                        c -> c.isRecord() && c.getSimpleName().endsWith("Config"), "XConfig record")
                .anyMatch(c -> c.getSimpleName().endsWith("Recipe"), "XRecipe")
                .anyMatch(c -> c.getSimpleName().endsWith("Claim"), "XClaim");
        assertThat(classes.getFirst().getPackageName().split("\\."))
                .as("a system is one flat package")
                .hasSize(4);
    }

    private static com.tngtech.archunit.base.DescribedPredicate<JavaClass> assignableToRandom() {
        return JavaClass.Predicates.assignableTo(RandomGenerator.class);
    }
}
