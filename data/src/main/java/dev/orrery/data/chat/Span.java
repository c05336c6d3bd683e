package dev.orrery.data.chat;

/// A stretch of a text.
///
/// @param start the first character
/// @param end the character after the last
public record Span(int start, int end) {}
