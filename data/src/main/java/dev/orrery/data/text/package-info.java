/// Text as token ids and back.
///
/// [Tokenizer#open] reads what published models come with: a `tokenizer.json` of Hugging Face's
/// library (byte-level BPE, BPE with byte fallback, Unigram, word level), or a SentencePiece model
/// file ([SentencePiece]), whose kind is read from the trainer's settings inside it. The former are
/// run by Hugging Face's tokenizers library, the latter by this package; nothing is ever fetched.
///
/// [PaddedTokens] are ids of a fixed length, as networks take them. [TokenizerCheck] compares a
/// tokenizer with stored results of its reference.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.text;
