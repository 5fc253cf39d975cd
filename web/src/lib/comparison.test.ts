import assert from "node:assert/strict";
import { test } from "node:test";
import type { TableDifferences } from "../api/types.ts";
import { askedText, commonColumns, parted, readAsked, requestsOf, shortened, shownPair } from "./comparison.ts";

test("what is compared survives in the address", () => {
  const asked = {
    kind: "upload" as const,
    left: "a b.zip",
    right: "ü&=.xml",
    table: "x.y",
    key: ["first, name", "day"],
    all: true,
  };
  assert.deepEqual(readAsked(new URLSearchParams(askedText(asked))), asked);
  const nothing = { kind: "" as const, left: "", right: "", table: "", key: [], all: false };
  assert.deepEqual(askedText(nothing), { compare: "" });
  assert.deepEqual(readAsked(new URLSearchParams("compare=")), nothing);
});

test("only what texts do not share is marked", () => {
  assert.deepEqual(parted("Good Omens", "Good Omens!"), {
    left: ["Good Omens", "", ""],
    right: ["Good Omens", "!", ""],
  });
  assert.deepEqual(parted("2026-03-01", "2026-04-01"), {
    left: ["2026-0", "3", "-01"],
    right: ["2026-0", "4", "-01"],
  });
  // What both have at either end is counted once.
  assert.deepEqual(parted("aa", "aaa"), { left: ["aa", "", ""], right: ["aa", "a", ""] });
  // Both begin with the same half of a letter.
  assert.deepEqual(parted("😀", "😁"), { left: ["", "😀", ""], right: ["", "😁", ""] });
});

test("the first pair that differs is shown, if none is asked for", () => {
  const pair = (left: string | null, right: string | null, added: number) =>
    ({ left, right, added, removed: 0, changed: 0, unchanged: 1 }) as TableDifferences;
  const pairs = [pair("a", "a", 0), pair("b", "c", 2), pair(null, "d", 1)];
  assert.equal(shownPair(pairs, ""), pairs[1]);
  assert.equal(shownPair(pairs, "d"), pairs[2]);
  assert.equal(shownPair([pair("a", "a", 0)], "gone")?.left, "a");
  assert.equal(shownPair([], ""), undefined);
});

test("columns that both have can be a key, but for those of the conversion", () => {
  const column = (name: string, key = false) => ({ name, key });
  const left = [column("_id", true), column("Code"), column("city")];
  assert.deepEqual(commonColumns(left, [column("_id", true), column("code"), column("name")]), ["Code"]);
});

test("a pair that is looked at closely is asked for by itself", () => {
  const asked = { kind: "" as const, left: "a.xml", right: "b.xml", table: "", key: [], all: false };
  const whole = { left: "a.xml", right: "b.xml", limit: 100 };
  assert.deepEqual(requestsOf({ ...asked, right: "" }, []), { whole: null, part: null });
  assert.deepEqual(requestsOf({ ...asked, table: "x" }, []), { whole, part: null });
  assert.deepEqual(requestsOf({ ...asked, table: "x", key: ["id"] }, []), {
    whole,
    part: { ...whole, tables: ["x"], key: ["id"] },
  });
  // What may be called the same is told by its kind.
  const group = requestsOf({ ...asked, kind: "group" }, ["a.xml", "b.xml"]);
  assert.deepEqual(group, { whole: { ...whole, kind: "group" }, part: null });
  // Two tables are one pair.
  assert.deepEqual(requestsOf({ ...asked, all: true, key: ["id"] }, ["a.xml", "b.xml"]), {
    whole: { ...whole, limit: 1000, key: ["id"] },
    part: null,
  });
});

test("of long texts the place that differs is shown", () => {
  assert.deepEqual(shortened(["short ", "and", " sweet"]), ["short ", "and", " sweet"]);
  const [start, middle, end] = shortened(["a".repeat(1000), "x".repeat(500), "b".repeat(1000)]);
  assert.deepEqual([start, middle, end], [`…${"a".repeat(60)}`, `${"x".repeat(400)}…`, `${"b".repeat(60)}…`]);
});
