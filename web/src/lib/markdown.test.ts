import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf, inlinesOf } from "./markdown.ts";

test("blocks are told apart", () => {
  const text =
    "# Head\n\nOne\ntwo\n\n- a\n- b\n\n1. x\n2. y\n\n```sql\nSELECT *\n```\n\n| A | B |\n|---|--:|\n| 1 | 2 |\n";
  assert.deepEqual(
    blocksOf(text).map(({ kind }) => kind),
    ["heading", "paragraph", "list", "list", "code", "table"],
  );
});

test("citations, emphasis and code are told from words", () => {
  assert.deepEqual(inlinesOf("It is **5** [1], `a[1]`, *so* [2?] and 2*3*4."), [
    { kind: "text", text: "It is " },
    { kind: "strong", children: [{ kind: "text", text: "5" }] },
    { kind: "text", text: " " },
    { kind: "citation", number: 1 },
    { kind: "text", text: ", " },
    { kind: "code", text: "a[1]" },
    { kind: "text", text: ", " },
    { kind: "emphasis", children: [{ kind: "text", text: "so" }] },
    { kind: "text", text: " " },
    { kind: "citation", number: 2 },
    { kind: "text", text: " and 2*3*4." },
  ]);
});

test("no image and no foreign address is left, only its words", () => {
  const shown = (text: string) => JSON.stringify(inlinesOf(text));
  assert.equal(shown("![x](https://evil.example/?q=1)"), '[{"kind":"text","text":"x"}]');
  assert.equal(shown("[here](javascript:alert)"), '[{"kind":"text","text":"here"}]');
  assert.equal(shown("[here](//evil.example)"), '[{"kind":"text","text":"here"}]');
  assert.equal(shown("[up](/api/files/../../x)"), '[{"kind":"text","text":"up"}]');
  assert.equal(
    shown("[file](/api/files/output/A/b.csv)"),
    '[{"kind":"file","address":"/api/files/output/A/b.csv","text":"file"}]',
  );
  assert.equal(shown("<img src=x onerror=alert(1)>"), '[{"kind":"text","text":"<img src=x onerror=alert(1)>"}]');
});

test("text that is still being written is shown as far as it is", () => {
  assert.deepEqual(blocksOf("```\nSELECT"), [{ kind: "code", text: "SELECT" }]);
  assert.deepEqual(blocksOf("**half"), [{ kind: "paragraph", children: [{ kind: "text", text: "**half" }] }]);
});

test("long and awkward text takes no long time", () => {
  for (const text of [
    "*".repeat(20_000),
    "[".repeat(20_000),
    "**a".repeat(8_000),
    "`".repeat(20_001),
    "[a](".repeat(8_000),
    "\\".repeat(20_001),
    "*\\*".repeat(8_000),
  ]) {
    // Of the processor, not of the clock: other work on the machine does not count.
    const before = process.cpuUsage();
    blocksOf(text);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 500_000, text.slice(0, 8));
  }
});

test("what only looks like a citation is the text that it is", () => {
  assert.deepEqual(inlinesOf("a \\[1\\] and \\[2?\\] [3]"), [
    { kind: "text", text: "a [1] and [2?] " },
    { kind: "citation", number: 3 },
  ]);
  assert.deepEqual(inlinesOf("`line\\[2\\].tax`"), [{ kind: "code", text: "line[2].tax" }]);
});

test("a sign behind a backslash is shown as itself, and is no markup", () => {
  const text = (of: string) =>
    inlinesOf(of)
      .map((part) => ("text" in part ? part.text : part.kind))
      .join("·");
  assert.equal(
    text("The value is \\<img src=x onerror=alert(1)> here"),
    "The value is <img src=x onerror=alert(1)> here",
  );
  assert.equal(text("\\*not so\\* and \\*\\*nor so\\*\\*"), "*not so* and **nor so**");
  assert.equal(text("\\`x\\` 5 \\# 6 \\\\ 7"), "`x` 5 # 6 \\ 7");
  assert.equal(text("\\[words](https://evil.example)"), "[words](https://evil.example)");
  assert.equal(text("[\\<b>](https://evil.example)"), "<b>");
  // What is shown is not read once more.
  assert.equal(text("\\\\[1\\]"), "\\[1]");
  assert.equal(text("C:\\data\nnext"), "C:\\data\nnext");
  assert.equal(text("`a\\<b> \\d \\[1\\]`"), "a<b> \\d [1]");
  assert.deepEqual(inlinesOf("*a \\* b*"), [{ kind: "emphasis", children: [{ kind: "text", text: "a * b" }] }]);
});

test("a bar behind a backslash is a part of its cell", () => {
  const [table] = blocksOf("| A | B |\n|---|---|\n| x \\| y | 2 |");
  assert.deepEqual(table?.kind === "table" && table.rows, [
    [[{ kind: "text", text: "x | y" }], [{ kind: "text", text: "2" }]],
  ]);
});
