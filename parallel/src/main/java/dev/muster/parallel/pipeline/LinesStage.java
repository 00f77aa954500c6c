package dev.muster.parallel.pipeline;

final class LinesStage extends LinkedStage<Text, Text> {
    private long line;

    LinesStage(Stage<? super Text> next) {
        super(next);
    }

    @Override
    public void send(Text text) {
        checkOpen();
        for (var from = text.from; from < text.to; ) {
            var found = Swar.indexOf(text.bytes, from, text.to, '\n');
            var end = found < 0 ? text.to : found;
            line++;
            next.send(new Text(text.bytes, from, end, line));
            from = end + 1;
        }
    }
}
