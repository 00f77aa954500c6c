package dev.muster.parallel.pipeline;

final class PlainTextStage extends LinkedStage<Text, Text> {
    private static final int NUL = 0;

    private final String name;

    PlainTextStage(String name, Stage<? super Text> next) {
        super(next);
        this.name = name;
    }

    @Override
    public void send(Text text) {
        checkOpen();
        if (Swar.indexOf(text.bytes, text.from, text.to, NUL) >= 0) {
            throw new BinaryTextException(name);
        }
        next.send(text);
    }
}
