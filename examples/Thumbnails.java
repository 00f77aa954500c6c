import dev.muster.parallel.Pool;
import dev.muster.parallel.PoolFuture;
import dev.muster.parallel.ProcessOptions;
import java.awt.Color;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/// Makes thumbnails of the pictures in a folder, in processes: a picture that kills the decoder, or takes all
/// memory, takes only its own call with it. Thumbnails are written into the folder `thumbnails` there.
///
///     ./muster run examples/Thumbnails.java                 # of 60 pictures, which it makes in a temporary folder
///     ./muster run examples/Thumbnails.java ~/Pictures
///     ./muster run examples/Thumbnails.java --make 200
public class Thumbnails {
    private static final int SIZE = 128;
    private static final int BAR = 40;

    static Path shrink(Path file) throws IOException {
        var picture = ImageIO.read(file.toFile());
        if (picture == null) {
            throw new IOException(file + " is no picture");
        }
        var scale = (double) SIZE / Math.max(picture.getWidth(), picture.getHeight());
        var width = Math.max(1, (int) (picture.getWidth() * scale));
        var height = Math.max(1, (int) (picture.getHeight() * scale));
        var thumbnail = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = thumbnail.createGraphics();
        graphics.drawImage(picture.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), 0, 0, null);
        graphics.dispose();
        var target = thumbnails(file.getParent()).resolve(file.getFileName() + ".png");
        ImageIO.write(thumbnail, "png", target.toFile());
        return target;
    }

    /// Draws a picture with some circles.
    static Path draw(Path folder, int number) throws IOException {
        var random = new Random(number);
        var picture = new BufferedImage(1200, 800, BufferedImage.TYPE_INT_RGB);
        var graphics = picture.createGraphics();
        for (var circle = 0; circle < 50; circle++) {
            graphics.setColor(new Color(random.nextInt(0x1000000)));
            var diameter = random.nextInt(400);
            graphics.fillOval(random.nextInt(1200) - 200, random.nextInt(800) - 200, diameter, diameter);
        }
        graphics.dispose();
        var file = folder.resolve("picture-%03d.jpg".formatted(number));
        ImageIO.write(picture, "jpg", file.toFile());
        return file;
    }

    private static Path thumbnails(Path folder) {
        return folder.resolve("thumbnails");
    }

    public static void main(String[] args) throws IOException {
        var make = args.length == 0 || args[0].equals("--make");
        var count = args.length > 1 ? Integer.parseInt(args[1]) : 60;
        var folder = make ? Files.createTempDirectory("pictures") : Path.of(args[0]);
        Files.createDirectories(thumbnails(folder));

        var options = ProcessOptions.builder().maxHeap("256m").jvmOptions("-Djava.awt.headless=true").build();
        try (var pool = Pool.processes(Runtime.getRuntime().availableProcessors(), options)) {
            if (make) {
                pool.map(number -> draw(folder, number), IntStream.range(0, count).boxed().toList());
            }
            var calls = new LinkedHashMap<PoolFuture<Path>, Path>();
            for (var picture : pictures(folder)) {
                calls.put(pool.submit(Thumbnails::shrink, picture), picture);
            }
            var made = 0;
            var done = 0;
            for (var call : Pool.asCompleted(calls.keySet())) {
                if (call.state() == Future.State.SUCCESS) {
                    made++;
                } else {
                    IO.println(clear() + calls.get(call).getFileName() + ": " + call.exceptionNow().getMessage());
                }
                showProgress(++done, calls.size());
            }
            IO.println("%s%d thumbnails in %s".formatted(clear(), made, thumbnails(folder)));
        }
    }

    /// Only on a terminal; a file gets no such lines.
    private static void showProgress(int done, int all) {
        if (isTerminal()) {
            var bar = "#".repeat(done * BAR / all) + ".".repeat(BAR - done * BAR / all);
            System.out.print("\r[%s] %d of %d".formatted(bar, done, all));
            System.out.flush();
        }
    }

    private static String clear() {
        return isTerminal() ? "\r\033[K" : "";
    }

    private static boolean isTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    private static List<Path> pictures(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().toLowerCase().matches(".*\\.(jpe?g|png|gif|bmp)")).toList();
        }
    }
}
