package dev.muster.parallel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.parallel.base.PrivateFolder;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.io.StreamCorruptedException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValuesTest {
    private static final ClassLoader LOADER = ValuesTest.class.getClassLoader();

    private final PrivateFolder folder = PrivateFolder.open();
    private final Values values = new Values(LOADER, TypeFilter.PROGRAM, folder.path());

    @AfterEach
    void deleteFolder() {
        folder.close();
    }

    record Point(double x, @Nullable Object label) implements Serializable {}

    private static List<@Nullable Object> samples() {
        return Arrays.asList(
                null,
                true,
                false,
                0,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                -0.0,
                Double.NaN,
                1.5f,
                (short) 3,
                'c',
                "",
                "plain",
                "ünï",
                "日本 🎉",
                "half a pair \uD83C and \uDF89",
                new BigDecimal("1e400"),
                Instant.EPOCH,
                URI.create("http://localhost/"),
                TimeUnit.DAYS,
                List.of(),
                new TreeMap<>(Map.of("b", List.of(1, 2L))),
                new Point(1, new Point(2, null)));
    }

    @Test
    void valuesComeBackAsTheyWere() throws Exception {
        for (var whole : List.of(values, values.whole())) {
            for (var sample : samples()) {
                assertThat(whole.unpack(whole.pack(sample))).isEqualTo(sample);
            }
            var all = samples().toArray();
            assertThat(whole.unpackAll(whole.packAll(all))).containsExactly(all);
        }
    }

    private static List<@Nullable Object> plainList(int size) {
        var list = new ArrayList<@Nullable Object>();
        for (var index = 0; index < size; index++) {
            list.add(Arrays.asList(null, true, 1, 2L, 0.5, "ü", "日").get(index % 7));
        }
        return list;
    }

    @Test
    void listsOfNumbersAndTextsComeBackInTheirShortForm() throws Exception {
        var list = plainList(700);

        var packed = values.pack(list);

        assertThat(values.unpack(packed)).isEqualTo(list).isInstanceOf(ArrayList.class);
        assertThat(packed.body().length).isLessThan(13 * list.size());
    }

    /// Each level of a list in a list in a list would take a part of the stack.
    @Test
    void theShortFormOfAListHoldsNoLists() throws Exception {
        var inner = values.pack(new ArrayList<>(List.of(1))).body();
        var bytes =
                ByteBuffer.allocate(inner.length + 5).put(inner[0]).putInt(inner.length).put(inner);

        assertThatThrownBy(() -> values.unpack(Packed.of(bytes.array())))
                .isInstanceOf(StreamCorruptedException.class)
                .hasMessageContaining("a list holds");
    }

    @Test
    void randomTreesOfValuesComeBackAsTheyWere() throws Exception {
        var seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        for (var round = 0; round < 500; round++) {
            var tree = tree(random, 4);
            var pack = random.nextBoolean() ? values : values.whole();
            var back = pack.unpackAll(pack.packAll(tree, tree));
            assertThat(List.of(back.length, same(tree, back[0]), same(tree, back[1])))
                    .as("seed %d, round %d", seed, round)
                    .containsExactly(2, true, true);
        }
    }

    private static boolean same(@Nullable Object one, @Nullable Object other) {
        if (one instanceof Point(var x, var label) && other instanceof Point(var y, var tag)) {
            return x == y && same(label, tag);
        }
        if (one instanceof List<?> list && other instanceof List<?> others) {
            return list.size() == others.size()
                    && IntStream.range(0, list.size())
                            .allMatch(at -> same(list.get(at), others.get(at)));
        }
        return Objects.deepEquals(one, other);
    }

    private static @Nullable Object tree(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            var list = new ArrayList<@Nullable Object>();
            for (var left = random.nextInt(5); left > 0; left--) {
                list.add(tree(random, depth - 1));
            }
            return random.nextBoolean() ? list : new Point(random.nextDouble(), list);
        }
        if (random.nextInt(10) == 0) {
            var bytes = new byte[random.nextInt(200_000)];
            random.nextBytes(bytes);
            return random.nextBoolean() ? bytes : ByteBuffer.wrap(bytes);
        }
        return samples().get(random.nextInt(samples().size()));
    }

    @Test
    void largeArraysLieInAFileThatHasNoNameOnceItIsRead() throws Exception {
        var bytes = new byte[100_000];
        Arrays.fill(bytes, (byte) 7);

        var packed = values.pack(List.of("x", bytes));

        assertThat(packed.body().length).isLessThan(1000);
        assertThat(packed.file()).exists();
        assertThat((List<?>) values.unpack(packed)).last().isEqualTo(bytes);
        assertThat(packed.file()).doesNotExist();
    }

    @Test
    void aBufferIsPackedFromItsPositionToItsLimitAndLeftAsItIs() throws Exception {
        var buffer = ByteBuffer.allocate(100).position(10).limit(20);
        for (var pack : List.of(values, values.whole())) {
            assertThat((ByteBuffer) pack.unpack(pack.pack(buffer)))
                    .isEqualTo(ByteBuffer.allocate(10));
        }
        assertThat(buffer.position()).isEqualTo(10);
    }

    @Test
    void aPackedValueThatNobodyWantsLeavesNoFile() throws Exception {
        values.pack(new byte[100_000]).discard();
        assertThatThrownBy(() -> values.pack(List.of(new byte[100_000], new Object())))
                .isInstanceOf(NotSerializableException.class);
        try (var files = Files.list(folder.path())) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void whatCannotBePackedIsNamedByItsPath() {
        var bad = new Point(1, new Object[] {1, Map.of("key", new Point(2, new Object()))});
        assertThatThrownBy(() -> values.packAll("fine", List.of(bad)))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageStartingWith(
                        "argument 2: [0].label[1][key].label is a java.lang.Object");
    }

    record Picture(Path file, List<Path> copies) implements Serializable {}

    @Test
    void pathsComeBackAloneAndInsideOfOtherValues() throws Exception {
        var picture = new Picture(Path.of("a", "b.png"), List.of(Path.of("/tmp/ä"), Path.of("")));

        assertThat(values.unpack(values.pack(picture.file()))).isEqualTo(picture.file());
        assertThat(values.unpack(values.pack(picture))).isEqualTo(picture);
    }

    /// The culprit is found though a path, which Java cannot serialize either, comes before it.
    @Test
    void whatCannotBePackedIsToldApartFromThePathsBesideIt() {
        assertThatThrownBy(() -> values.pack(List.of(Path.of("x.png"), new Object())))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageStartingWith("[1] is a java.lang.Object");
    }

    @Test
    void aPathInsideOfAnArchiveIsRefused(@TempDir Path elsewhere) throws Exception {
        var archive = URI.create("jar:" + elsewhere.resolve("some.zip").toUri());
        try (var files = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            assertThatThrownBy(() -> values.pack(files.getPath("x.png")))
                    .isInstanceOf(NotSerializableException.class)
                    .hasMessageContaining("ZipPath");
        }
    }

    @Test
    void aCircleOfValuesIsWalkedOnce() {
        var circle = new ArrayList<@Nullable Object>();
        circle.add(circle);
        circle.add(new Object());
        assertThatThrownBy(() -> values.pack(circle))
                .hasMessageStartingWith("[1] is a java.lang.Object");
    }

    @Test
    void onlyWhatIsAllowedIsMadeOfBytes() throws Exception {
        var data = new Values(LOADER, TypeFilter.DATA, null);
        var named = new Values(LOADER, new TypeFilter(List.of(Point.class.getName())), null);
        var point = values.whole().pack(new Point(1, List.of(2)));

        assertThat(named.unpack(point)).isEqualTo(new Point(1, List.of(2)));
        assertThatThrownBy(() -> data.unpack(point))
                .isInstanceOf(InvalidClassException.class)
                .hasMessageContaining(Point.class.getName());
        assertThat(data.unpack(data.pack(Map.of("a", List.of(Instant.EPOCH)))))
                .isEqualTo(Map.of("a", List.of(Instant.EPOCH)));
    }

    /// A class of the JDK that opens a file when it is made of bytes is not data.
    @Test
    void classesOfTheJdkThatAreNoDataAreNeverMade() throws Exception {
        var key = java.security.KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic();
        var packed = values.whole().pack((Serializable) key);
        assertThatThrownBy(() -> values.unpack(packed)).isInstanceOf(InvalidClassException.class);
    }

    @Test
    void patternsCoverClassesPackagesAndThoseBelow() {
        for (var pattern :
                List.of(
                        "dev.muster.parallel.wire.ValuesTest$Point",
                        "dev.muster.parallel.wire.*",
                        "dev.muster.**",
                        "**")) {
            assertThat(allows(pattern)).as(pattern).isTrue();
        }
        for (var pattern : List.of("dev.muster.parallel.wire.ValuesTest", "dev.muster.*", "*")) {
            assertThat(allows(pattern)).as(pattern).isFalse();
        }
        for (var pattern : List.of("", "dev.*.wire", "dev.muster*")) {
            assertThatThrownBy(() -> new TypeFilter(List.of(pattern)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private boolean allows(String pattern) {
        var named = new Values(LOADER, new TypeFilter(List.of(pattern)), null);
        try {
            return named.unpack(values.whole().pack(new Point(1, null))) != null;
        } catch (InvalidClassException e) {
            return false;
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void bytesThatAreNoValueAreRefusedAndNothingElseHappens() throws Exception {
        var seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        var valid =
                values.whole().packAll(1, "text", new Point(1, List.of("x")), plainList(3)).body();
        for (var round = 0; round < 20_000; round++) {
            byte[] bytes;
            if (random.nextBoolean()) {
                bytes = new byte[random.nextInt(60)];
                random.nextBytes(bytes);
            } else {
                bytes = valid.clone();
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                values.unpackAll(Packed.of(bytes));
            } catch (IOException | ClassNotFoundException | RuntimeException _) {
                // A clear refusal.
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    @Test
    void theCodeOfALambdaIsTheSameUnlessItHoldsValues() throws Exception {
        var word = "x" + System.nanoTime();
        RemoteFunction plain = arguments -> arguments.length;
        RemoteFunction holding = _ -> word;

        assertThat(Code.of(plain, values)).isSameAs(Code.of(plain, values));
        assertThat(Code.of(plain, values).id()).isPositive();
        assertThat(Code.of(holding, values).id()).isZero();
        assertThat(Code.of(new OfChunk(plain, 1), values))
                .isSameAs(Code.of(new OfChunk(plain, 1), values))
                .isNotEqualTo(Code.of(plain, values));
        assertThat(Code.of(new OfChunk(holding, 1), values).id()).isZero();
        assertThat(values.unpack(Packed.of(Code.of(holding, values).bytes())))
                .isInstanceOfSatisfying(
                        RemoteFunction.class, again -> assertThat(call(again)).isEqualTo(word));
    }

    private static @Nullable Object call(RemoteFunction function) {
        try {
            return function.apply(new Object[0]);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
