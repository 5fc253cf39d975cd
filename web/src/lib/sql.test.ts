import assert from "node:assert/strict";
import { test } from "node:test";
import { completionsAt, quoted, tokensOf } from "./sql.ts";

const TABLES = [
  {
    name: "book",
    columns: [
      { name: "title", type: "text" },
      { name: "@id", type: "integer" },
    ],
  },
  { name: "author", columns: [{ name: "name", type: "text" }] },
];
const labels = (sql: string, explicit = false) =>
  completionsAt(sql, sql.length, TABLES, explicit)?.items.map(({ label }) => label) ?? [];

test("a statement is its parts", () => {
  for (const sql of ["select 'it''s', \"a\"\"b\" -- x\nfrom t", "select /* open", "'open", "é ü ₤ 1.5"]) {
    assert.equal(
      tokensOf(sql)
        .map(({ text }) => text)
        .join(""),
      sql,
    );
  }
  assert.deepEqual(
    tokensOf("SELECT a FROM 'x'")
      .filter(({ kind }) => kind !== "space")
      .map(({ kind }) => kind),
    ["keyword", "name", "keyword", "text"],
  );
});

test("names are quoted where SQL needs it", () => {
  assert.deepEqual(["book", "@id", "order", "a b", 'x"y'].map(quoted), ["book", '"@id"', '"order"', '"a b"', '"x""y"']);
});

test("names complete by what the statement is about", () => {
  assert.deepEqual(labels("select ti"), []);
  assert.equal(labels("select * from bo")[0], "book");
  assert.deepEqual(labels("select b. from book as b".slice(0, 9)), []);
  const sql = "select b.ti from book as b";
  const found = completionsAt(sql, 11, TABLES, false);
  assert.deepEqual([found?.from, found?.to, found?.items[0]?.insert], [9, 11, "title"]);
  assert.equal(labels("select * from book where @i").length, 1);
  assert.deepEqual(labels("select 'ti"), []);
  assert.ok(labels("", true).includes("book"));
  assert.deepEqual(labels(""), []);
});
