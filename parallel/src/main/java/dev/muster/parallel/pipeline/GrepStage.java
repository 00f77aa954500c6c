package dev.muster.parallel.pipeline;

final class GrepStage extends LinkedStage<Text, Occurrences> {
    private final Word word;
    private final String name;
    private boolean started;

    GrepStage(Word word, Stage<? super Occurrences> next) {
        super(next);
        this.word = word;
        this.name = word.toString();
    }

    @Override
    public void send(Text text) {
        checkOpen();
        started = true;
        next.send(new Occurrences(name, word.countIn(text), text.line()));
    }

    /// So that a word has a count of zero also where there was no text.
    @Override
    void finish() {
        if (!started) {
            next.send(new Occurrences(name, 0, 0));
        }
    }
}
