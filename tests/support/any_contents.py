"""Files that hold pieces of what words with tags, and texts with classes, are written with."""

from fuzzing import contents_of

WORD_PIECES = [
    *["Ada", "Oslo", "# x", "-DOCSTART-", "2-3", "_", "O", "B-PER", "E-PER", "I-LOC", "PER", "b-per", "/O", "|B-PER"],
    *["tokens", "tags", "text", "label", "sentence_id", "word", '"tokens":', '"tags":', '"text":', '"label":'],
    *['"spans":', '"data":', '"start": 0', '"end": 3', '[0, 3, "PER"]', "...", "[Ada](PER)", "](", "<PER>Ada</PER>"],
    *["<PER>", "7|t|Ada", "7|a|", "7\t0\t3\tAda\tPER", "O O", "B-PER O", "Ada saw"],
    *["- ", "## ", '[Ada]{"entity": "PER"}', "<START:PER> Ada <END>"],
]  # fmt: skip
WORD_VALUES = ["B-PER", "O", "['a', 'b']", "['a' 'b']", "(1,)", "[0, 3, 'PER']", "Ada saw Oslo .", [0, 0, "PER"]]
WORD_INNER = ["text", "start", "end", "label", "labels", "result", "value", "index", "type", "word", "slot_name"]
WORD_COLUMNS = [
    *["tokens", "tags", "words", "text", "ner_tags", "label", "spans", "entities", "data", "annotations", "answer"],
    *["word", "sentence_id", "sentences", "ner", "columns", "x", "fields", "responses", "spans.responses"],
]  # fmt: skip
WORD_ROWS = {"tokens": [["Ada", "Oslo"], ["Ada"]], "ner_tags": [[0, 1], [0]]}
WORDS = contents_of(WORD_PIECES, WORD_VALUES, WORD_INNER, WORD_COLUMNS, WORD_ROWS)

TEXT_PIECES = [
    *["Ada saw Oslo", "Where is it", "How much", "arrival", "refund", "__label__a", "__label__b ", "text", "label"],
    *["text,label\n", "text\tlabel\n", "Hi there,a\n", "Oh no,b\n", "Hi there\ta\n", "Oh no\tb\n", "A b;x\n"],
    *["## intent:a\n", "## intent:b\n", "## synonym:x\n", "- Ada [saw](x)\n", "|---|---|\n", "| a | b |\n", "|||"],
    *['"text":', '"label":', '"intents":', '"patterns":', '"tag":', '"cats":', '"data":', '"train":', "['a', 'b']"],
    *["split", "train", "test", "0.5", "a,b", "\ufffd", "Ã©"],
]  # fmt: skip
TEXT_VALUES = ["a", "b", "c", "a,b", "['a']", "['a', 'b']", "['a' 'b']", "-1", "0", "0.5", "1" * 400, "nan", "a\0b"]
TEXT_INNER = [
    *["choices", "text", "label", "value", "result", "tag", "patterns", "a", "b", "rating", "was_cancelled", "entity"],
]  # fmt: skip
TEXT_COLUMNS = [
    *["text", "label", "labels", "sentence1", "sentence2", "premise", "hypothesis", "intent", "utterances"],
    *["data", "annotations", "answer", "accept", "cats", "split", "columns", "index", "gold_label", "label_text", "x"],
    *["patterns", "fields", "responses", "label.responses", "suggestions", "choice"],
]  # fmt: skip
TEXT_ROWS = {"text": ["Ada saw", "Where is it", "How", "No"], "label": ["a", "b", "a", "b"]}
TEXTS = contents_of(TEXT_PIECES, TEXT_VALUES, TEXT_INNER, TEXT_COLUMNS, TEXT_ROWS)
