/// Chat templates: the texts by which published models tell who said what.
///
/// [ChatTemplate] reads what a model's folder has (`chat_template.jinja`, or the entry in
/// `tokenizer_config.json`) and turns messages into one text, special tokens spelled out, and that
/// into ids without doubling the first token.
///
/// Templates are Jinja programs. [JinjaTemplate] runs the part of the language that they use, with
/// the settings and the extra functions of Hugging Face's `apply_chat_template`, and refuses the
/// rest by name: text → [Lexer] → [TemplateParser] → [Statement]s, whose [Expression]s compute
/// [Value]s as Python would.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.chat;
