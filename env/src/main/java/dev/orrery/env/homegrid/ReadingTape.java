package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import dev.orrery.env.Vocabulary;

/// Words that are read one by one while a small world stands still.
final class ReadingTape {

    private int[] words = {};
    private int at;

    void start(int[] text) {
        words = text;
        at = 0;
    }

    /// Whether a word is being read.
    boolean goesOn() {
        return at < words.length;
    }

    void next() {
        at++;
    }

    /// The word that is read now, silence after the last.
    int token() {
        return goesOn() ? words[at] : Vocabulary.PAD;
    }

    String utterance(Vocabulary vocabulary) {
        return goesOn() ? vocabulary.decode(words) : vocabulary.word(Vocabulary.PAD);
    }

    void write(Snapshot snapshot) {
        snapshot.put(words).put(at);
    }

    void read(Snapshot snapshot) {
        words = snapshot.takeInts();
        at = snapshot.takeInt();
    }
}
